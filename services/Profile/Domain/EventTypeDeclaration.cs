using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Personalization.Profile.Domain;

/// <summary>An event type as somebody wrote it: read leniently, so that everything wrong with it is said at once.</summary>
public sealed partial record EventTypeDeclaration
{
    /// <summary>What stands where only a person can decide; no valid name.</summary>
    public const string FillIn = "FILL-IN";

    private const int MostFields = 100;
    private const int MostPurposes = 20;
    private const int LongestDescription = 1000;
    private const int MostSources = 50;
    private const int LongestMaxAgeDays = 36_600;

    /// <summary>The type; if given, the same as in the path.</summary>
    public string? Type { get; init; }

    /// <summary>Not taken from a declaration; there so that what was read can be sent back.</summary>
    public int? Version { get; init; }

    /// <summary>What happened, in a sentence.</summary>
    public string? Description { get; init; }

    /// <summary>By name.</summary>
    public IReadOnlyDictionary<string, DeclaredField?>? Fields { get; init; }

    /// <summary>What a recommender learns from.</summary>
    public DeclaredSignal? Signal { get; init; }

    /// <summary>The first parties.</summary>
    public IReadOnlyList<string?>? Sources { get; init; }

    /// <summary>Whether others are taken too.</summary>
    public bool? ThirdParty { get; init; }

    /// <summary>Whether fields that nothing uses are dropped.</summary>
    public bool? DropUnused { get; init; }

    /// <summary>Purposes that such an event says are reached.</summary>
    public IReadOnlyList<string?>? Reaches { get; init; }

    /// <summary>Members that nobody knows.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Unknown { get; init; }

    /// <summary>Whether an event type can have the name.</summary>
    public static bool IsTypeName(string? name) => name is { Length: <= 128 } && TypeName().IsMatch(name);

    /// <summary>The declaration that would take such an event: its source, names and JSON types of its fields, never a value; the rest is to be filled in.</summary>
    public static EventTypeDeclaration For(string type, string source, JsonElement data)
    {
        var fields = new SortedDictionary<string, DeclaredField?>(StringComparer.Ordinal);
        foreach (var property in data.EnumerateObject())
        {
            // A name that can't be declared may itself be somebody's data.
            if (fields.Count == MostFields || !FieldName().IsMatch(property.Name) || TypeOf(property.Value) is not { } declarable) continue;
            fields[property.Name] = new DeclaredField { Type = declarable, Category = FillIn, Purposes = [FillIn], Description = FillIn };
        }

        return new EventTypeDeclaration { Type = type, Description = FillIn, Fields = fields, Sources = [source] };
    }

    /// <summary>The event type in its first version, or null and what is wrong.</summary>
    public EventType? ToEventType(string type, out IReadOnlyList<DeclarationError> errors)
    {
        var found = new List<DeclarationError>();
        void Error(string path, string message) => found.Add(new DeclarationError(path, message));

        if (!IsTypeName(type)) Error("type", "Up to 128 letters, digits, '.', '_' or '-'; 'film.rated' for example.");
        if (Type is not null && Type != type) Error("type", "Is not the type in the path.");
        if (Description is not { Length: > 0 and <= LongestDescription }) Error("description", $"1 to {LongestDescription} characters that say what happened.");
        if (Fields is not { Count: > 0 and <= MostFields }) Error("fields", $"1 to {MostFields} fields.");
        if (Sources is { Count: 0 or > MostSources }) Error("sources", $"1 to {MostSources} sources; leave it out if whoever may publish is a first party.");
        else if (Sources?.All(ReceivedEvent.IsSource) == false) Error("sources", "A source is a URI reference, '/cinema' for example.");
        else if (Sources?.Distinct().Count() != Sources?.Count) Error("sources", "Names a source twice.");
        if (Reaches is { Count: 0 or > MostPurposes } || Reaches?.All(purpose => purpose is not null && Name().IsMatch(purpose)) == false || Reaches?.Distinct().Count() != Reaches?.Count)
            Error("reaches", $"1 to {MostPurposes} different purposes; leave it out if such an event reaches none.");
        foreach (var name in Unknown?.Keys ?? []) Error(name, "No such member.");

        var fields = new SortedDictionary<string, FieldDeclaration>(StringComparer.Ordinal);
        foreach (var (name, declared) in Fields ?? new Dictionary<string, DeclaredField?>())
        {
            var path = $"fields.{name}";
            if (!FieldName().IsMatch(name)) Error(path, "A field's name is a letter, then up to 63 letters, digits or '_'.");
            if (declared is null) Error(path, "Is null.");
            else if (Check(declared, path, Error) is { } field) fields[name] = field;
        }

        var signal = Signal is null ? null : Check(Signal, fields, Error);
        errors = found;
        return found.Count > 0 ? null : new EventType
        {
            Type = type,
            Version = 1,
            Description = Description!,
            Fields = fields,
            Signal = signal,
            Sources = Sources is null ? null : [.. Sources.OfType<string>().Order(StringComparer.Ordinal)],
            ThirdParty = ThirdParty == true ? true : null,
            DropUnused = DropUnused == true ? true : null,
            Reaches = Reaches is null ? null : [.. Reaches.OfType<string>().Order(StringComparer.Ordinal)],
        };
    }

    private static FieldDeclaration? Check(DeclaredField declared, string path, Action<string, string> error)
    {
        var purposes = declared.Purposes ?? [];
        if (!TryParse<FieldType>(declared.Type, out var type)) error($"{path}.type", "string, number, integer, boolean or time.");
        if (declared.Category is null || !Name().IsMatch(declared.Category)) error($"{path}.category", "The category of data: lower-case letters, digits and '-'.");
        if (purposes.Count is 0 or > MostPurposes) error($"{path}.purposes", $"1 to {MostPurposes} purposes; what has none must not be stored.");
        else if (!purposes.All(purpose => purpose is not null && Name().IsMatch(purpose))) error($"{path}.purposes", "A purpose's id is lower-case letters, digits and '-'.");
        else if (purposes.Distinct().Count() != purposes.Count) error($"{path}.purposes", "Names a purpose twice.");
        if (!TryParse<Classification>(declared.Classification ?? "ordinary", out var classification)) error($"{path}.classification", "ordinary, sensitive or directIdentifier.");
        else if (classification == Classification.DirectIdentifier) error($"{path}.classification", "Direct identifiers are not taken in events.");
        if (declared.GroupingPurposes is { } grouping)
        {
            if (classification != Classification.Sensitive) error($"{path}.groupingPurposes", "Only for sensitive fields: ordinary ones are used for each of their purposes.");
            else if (grouping.Except(purposes).Any()) error($"{path}.groupingPurposes", "Names a purpose that the field doesn't have.");
        }

        if (declared.Description is not { Length: > 0 and <= LongestDescription }) error($"{path}.description", $"1 to {LongestDescription} characters that say what it is for.");
        if (declared.MaxAgeDays is < 1 or > LongestMaxAgeDays) error($"{path}.maxAgeDays", $"1 to {LongestMaxAgeDays} days.");
        if (declared.FreeText == true && type != FieldType.String) error($"{path}.freeText", "Only for a field of type string.");
        foreach (var name in declared.Unknown?.Keys ?? []) error($"{path}.{name}", "No such member.");
        return declared.Category is null || declared.Description is null ? null : new FieldDeclaration
        {
            Type = type,
            Category = declared.Category,
            Purposes = [.. purposes.Order(StringComparer.Ordinal)],
            Classification = classification,
            GroupingPurposes = declared.GroupingPurposes is { Count: > 0 } named ? [.. named.Distinct().Order(StringComparer.Ordinal)] : null,
            Description = declared.Description,
            MaxAgeDays = declared.MaxAgeDays,
            FreeText = declared.FreeText == true ? true : null,
        };
    }

    private static SignalDeclaration? Check(DeclaredSignal declared, SortedDictionary<string, FieldDeclaration> fields, Action<string, string> error)
    {
        foreach (var name in declared.Unknown?.Keys ?? []) error($"signal.{name}", "No such member.");
        if (declared.ItemField is null || !fields.TryGetValue(declared.ItemField, out var item) || item.Type is not (FieldType.String or FieldType.Integer))
            error("signal.itemField", "A declared field of type string or integer.");
        if (declared.ValueField is not null && (!fields.TryGetValue(declared.ValueField, out var value) || value.Type is not (FieldType.Number or FieldType.Integer)))
            error("signal.valueField", "A declared field of type number or integer.");
        return declared.ItemField is null ? null : new SignalDeclaration(declared.ItemField, declared.ValueField);
    }

    private static string? TypeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => "string",
        JsonValueKind.Number => value.TryGetInt64(out _) ? "integer" : "number",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        _ => null,
    };

    /// <summary>The camelCase word of a value, and nothing else that <see cref="Enum.TryParse{TEnum}(string, out TEnum)"/> would take.</summary>
    private static bool TryParse<T>(string? word, out T value)
        where T : struct, Enum
    {
        foreach (var candidate in Enum.GetValues<T>())
        {
            value = candidate;
            if (word is not null && word == JsonNamingPolicy.CamelCase.ConvertName(candidate.ToString())) return true;
        }

        value = default;
        return false;
    }

    [GeneratedRegex("^[A-Za-z0-9]+([._-][A-Za-z0-9]+)*$", RegexOptions.NonBacktracking)]
    private static partial Regex TypeName();

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_]{0,63}$", RegexOptions.NonBacktracking)]
    private static partial Regex FieldName();

    [GeneratedRegex("^[a-z0-9-]{1,64}$", RegexOptions.NonBacktracking)]
    private static partial Regex Name();
}

/// <summary>A field as somebody wrote it.</summary>
public sealed record DeclaredField
{
    /// <summary><c>string</c>, <c>number</c>, <c>integer</c>, <c>boolean</c> or <c>time</c>.</summary>
    public string? Type { get; init; }

    /// <summary>The category of data.</summary>
    public string? Category { get; init; }

    /// <summary>What it may be used for.</summary>
    public IReadOnlyList<string>? Purposes { get; init; }

    /// <summary><c>ordinary</c> (default) or <c>sensitive</c>.</summary>
    public string? Classification { get; init; }

    /// <summary>Of a sensitive field: the purposes for which people may be grouped by it.</summary>
    public IReadOnlyList<string>? GroupingPurposes { get; init; }

    /// <summary>What it says, in a sentence.</summary>
    public string? Description { get; init; }

    /// <summary>How many days after the event its value is of no use any more.</summary>
    public int? MaxAgeDays { get; init; }

    /// <summary>Whether people write the text.</summary>
    public bool? FreeText { get; init; }

    /// <summary>Members that nobody knows: a misspelt classification must not pass for an ordinary one.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Unknown { get; init; }
}

/// <summary>A signal as somebody wrote it.</summary>
public sealed record DeclaredSignal
{
    /// <summary>The field that names the item.</summary>
    public string? ItemField { get; init; }

    /// <summary>The number that says how much it was liked.</summary>
    public string? ValueField { get; init; }

    /// <summary>Members that nobody knows.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Unknown { get; init; }
}

/// <summary>What is wrong, and where.</summary>
/// <param name="Path">Members' names with dots between them.</param>
/// <param name="Message">What it has to be.</param>
public sealed record DeclarationError(string Path, string Message);
