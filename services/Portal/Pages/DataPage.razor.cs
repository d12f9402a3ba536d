using System.Text.Json;

namespace Personalization.Portal.Pages;

/// <summary>What is held of a person.</summary>
/// <param name="Data">A page of it, as the service has pages.</param>
/// <param name="Contacts">How they are reached.</param>
/// <param name="Purposes">What people are asked: the names.</param>
/// <param name="After">What this page of the service's follows.</param>
/// <param name="From">Where in it this page begins.</param>
public sealed record DataModel(HeldData Data, IReadOnlyList<Contact> Contacts, IReadOnlyList<Purpose> Purposes, string? After, int From);

/// <summary>What is held of a person.</summary>
public sealed partial class DataPage
{
    private const int Shown = 20;

    private IEnumerable<HeldEvent> Events => Model.Data.Items.Skip(Model.From).Take(Shown);

    private bool IsFirst => Model.After is null && Model.From == 0;

    private bool HasNothing => IsFirst && Model.Data.Items.Count == 0 && Model.Contacts.Count == 0;

    private string? Next => Model.From + Shown < Model.Data.Items.Count ? Address(Model.After, Model.From + Shown) : Model.Data.Next is { } next ? Address(next, 0) : null;

    private static string Address(string? after, int from) =>
        $"/me/data?from={from.ToString(System.Globalization.CultureInfo.InvariantCulture)}{(after is null ? "" : $"&after={Uri.EscapeDataString(after)}")}";

    private string PurposeName(string id) => Model.Purposes.FirstOrDefault(purpose => purpose.Id == id)?.NoticeIn(Visitor.Language).Title ?? id;

    private string CategoryName(string category) =>
        Model.Purposes.FirstOrDefault(purpose => purpose.Categories.Contains(category))?.NameOf(category, Visitor.Language) ?? category;

    private string Used(FieldUse use) => use.Kind switch
    {
        "model" => Say("модель рекомендаций", "the recommendation model"),
        "segment" => Say($"сегмент «{use.Name}»", $"the segment “{use.Name}”"),
        "audience" => Say($"аудитория «{use.Name}»", $"the audience “{use.Name}”"),
        "groups" => Say("группы по интересам", "groups by interest"),
        "trait" => Say($"вывод «{use.Name}»", $"the conclusion “{use.Name}”"),
        "staff" => Say("сотрудник", "a member of staff"),
        _ => use.Name,
    };

    private string Value(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => Say("да", "yes"),
        JsonValueKind.False => Say("нет", "no"),
        JsonValueKind.Array => string.Join(", ", value.EnumerateArray().Select(Value)),
        JsonValueKind.String => value.GetString()!,
        _ => value.GetRawText(),
    };
}
