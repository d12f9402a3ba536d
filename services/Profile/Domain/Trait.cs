using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Profile.Domain;

/// <summary>A value that a product needs of a person: a measure with a name. Derived whenever it is read, and stored nowhere.</summary>
public sealed record Trait : IDocument
{
    /// <inheritdoc/>
    [JsonIgnore]
    public string Id => Name;

    /// <summary>Its name, <c>films-per-month</c> for example.</summary>
    public required string Name { get; init; }

    /// <summary>What it says, in a sentence.</summary>
    public required string Description { get; init; }

    /// <summary>The one purpose it is for.</summary>
    public required string Purpose { get; init; }

    /// <summary>How it is made.</summary>
    public required Measure Measure { get; init; }

    /// <summary>For the newest values of a field instead of one value: how many, each once.</summary>
    public int? Newest { get; init; }

    /// <summary>Its value, from what its purpose may use and the person permits; null if that isn't enough to make one.</summary>
    public TraitValue? ValueOf(IReadOnlyDictionary<string, EventType> types, IEnumerable<ProfileDatum> data, SubjectGate gate, DateTimeOffset now)
    {
        var fields = new UsableFields(Purpose, types);
        var permitted = gate.Grants.Where(grant => grant.Purpose == Purpose && (grant.ValidUntil is not { } until || now < until)).Select(grant => grant.Category).ToHashSet();
        if (fields.Check(Measure, "").Any() || !fields.AreShown(Measure, permitted.Contains)) return null;
        var seen = Observations.Of(data, gate, Purpose);
        var value = Newest is { } most ? new Operand(Measure.NewestAt(seen, most, now), true) : Measure.ValueAt(seen, now) is { } one ? new Operand([one], false) : null;
        return value is null ? null : new TraitValue(Name, Description, Purpose, fields.CategoriesOf(Measure), value);
    }
}

/// <summary>A trait of a person.</summary>
/// <param name="Name">The trait.</param>
/// <param name="Description">What it says.</param>
/// <param name="Purpose">What it may be used for.</param>
/// <param name="Categories">The categories of data it is made of.</param>
/// <param name="Value">A value, or the newest ones.</param>
public sealed record TraitValue(string Name, string Description, string Purpose, IReadOnlyList<string> Categories, Operand Value);

/// <summary>A trait as somebody wrote it: read leniently, so that everything wrong with it is said at once.</summary>
public sealed partial record TraitDeclaration
{
    private const int LongestDescription = 1000;
    private const int MostNewest = 50;

    /// <summary>If given, the same as in the path; there so that what was read can be sent back.</summary>
    public string? Name { get; init; }

    /// <summary>What it says, in a sentence.</summary>
    public string? Description { get; init; }

    /// <summary>The one purpose it is for.</summary>
    public string? Purpose { get; init; }

    /// <summary>How it is made.</summary>
    public JsonElement? Measure { get; init; }

    /// <summary>For the newest values of a field: how many.</summary>
    public int? Newest { get; init; }

    /// <summary>Members that nobody knows.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Unknown { get; init; }

    /// <summary>The trait, or null and what is wrong.</summary>
    public Trait? ToTrait(string name, IReadOnlyDictionary<string, EventType> types, out IReadOnlyList<DeclarationError> errors)
    {
        var reader = new RuleReader(Purpose ?? "", types);
        var measure = Measure is { } json ? reader.ReadMeasure(json, "measure") : null;
        var found = new List<DeclarationError>(reader.Errors);
        void Error(string path, string message) => found.Add(new DeclarationError(path, message));

        if (!TraitName().IsMatch(name)) Error("name", "1 to 64 lower-case letters, digits or '-'.");
        if (Name is not null && Name != name) Error("name", "Is not the name in the path.");
        if (Description is not { Length: > 0 and <= LongestDescription }) Error("description", $"1 to {LongestDescription} characters that say what it is for.");
        if (Purpose is null || !TraitName().IsMatch(Purpose)) Error("purpose", "A purpose's id: lower-case letters, digits and '-'.");
        if (Measure is null) Error("measure", "How it is made.");
        if (Newest is < 1 or > MostNewest) Error("newest", $"1 to {MostNewest}.");
        if (Newest is not null && measure is not null && measure.Of != MeasureOf.Last) Error("newest", "Only of a measure that takes the last value.");
        foreach (var member in Unknown?.Keys ?? []) Error(member, "No such member.");

        errors = found;
        return found.Count > 0 ? null : new Trait { Name = name, Description = Description!, Purpose = Purpose!, Measure = measure!, Newest = Newest };
    }

    [GeneratedRegex("^[a-z0-9-]{1,64}$", RegexOptions.NonBacktracking)]
    private static partial Regex TraitName();
}
