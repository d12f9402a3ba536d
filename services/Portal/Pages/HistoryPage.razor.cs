namespace Personalization.Portal.Pages;

/// <summary>Every decision a person made.</summary>
/// <param name="Entries">A page of them, the newest first.</param>
/// <param name="Next">How to ask for the next page.</param>
/// <param name="Purposes">What people are asked: the names.</param>
public sealed record HistoryModel(IReadOnlyList<HistoryEntry> Entries, string? Next, IReadOnlyList<Purpose> Purposes);

/// <summary>Every decision a person made.</summary>
public sealed partial class HistoryPage
{
    private string PurposeName(string id) => Model.Purposes.FirstOrDefault(purpose => purpose.Id == id)?.NoticeIn(Visitor.Language).Title ?? id;

    private string CategoryName(string purpose, string category) => Model.Purposes.FirstOrDefault(known => known.Id == purpose)?.NameOf(category, Visitor.Language) ?? category;

    private (string Text, string Tone) Decision(string decision) => decision switch
    {
        "granted" => (Say("разрешено", "allowed"), "good"),
        "denied" => (Say("отказано", "refused"), ""),
        "revoked" => (Say("отозвано", "withdrawn"), "warn"),
        _ => (Say("истекло", "expired"), "warn"),
    };

    private string Channel(string channel) => channel switch
    {
        "portal" => Say("на этих страницах", "on these pages"),
        "import" => Say("перенесено из прежней системы", "brought over from another system"),
        "api" => Say("через сервис", "through the service"),
        "restriction" => Say("использование ограничено", "use was restricted"),
        "restriction-lifted" => Say("ограничение использования снято", "the restriction of use was lifted"),
        _ => channel,
    };
}
