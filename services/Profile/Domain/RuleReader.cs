using System.Text.Json;

namespace Personalization.Profile.Domain;

/// <summary>Reads a rule or a measure as somebody wrote it, and finds everything that is wrong with it, each with its place.</summary>
/// <param name="purpose">What it is to be used for.</param>
/// <param name="types">The declared event types.</param>
public sealed class RuleReader(string purpose, IReadOnlyDictionary<string, EventType> types)
{
    private const int MostComparisons = 50;
    private const int DeepestNesting = 4;
    private const int MostConditions = 10;
    private const int MostValues = 100;
    private const int LongestText = 256;
    private static readonly JsonSerializerOptions Words = Platform.Json.Options;
    private readonly List<DeclarationError> errors = [];
    private readonly UsableFields fields = new(purpose, types);
    private int comparisons;

    /// <summary>What is wrong so far.</summary>
    public IReadOnlyList<DeclarationError> Errors => errors;

    /// <summary>The rule; null if something is wrong with its form.</summary>
    public Rule? ReadRule(JsonElement json, string path) => ReadRule(json, path, 1);

    /// <summary>The measure; null if something is wrong with its form.</summary>
    public Measure? ReadMeasure(JsonElement json, string path)
    {
        if (!IsObject(json, path)) return null;
        RefuseOthers(json, path, "event", "of", "field", "within", "where");
        var type = ReadText(json, path, "event", "A declared event type.");
        var of = ReadWord<MeasureOf>(json, path, "of", "count, sum, average, min, max, last, distinct or daysSince.");
        var field = json.TryGetProperty("field", out _) ? ReadText(json, path, "field", "A declared field.") : null;
        var within = json.TryGetProperty("within", out _) ? ReadText(json, path, "within", "Days or hours, such as P30D or PT12H.") : null;
        if (within is not null && Measure.WindowOf(within) is null) Error($"{path}.within", "Days or hours, such as P30D or PT12H, up to ten years.");
        var conditions = new List<FieldCondition?>();
        if (json.TryGetProperty("where", out var where))
        {
            if (where.ValueKind != JsonValueKind.Array || where.GetArrayLength() > MostConditions) Error($"{path}.where", $"A list of up to {MostConditions} conditions.");
            else conditions = [.. where.EnumerateArray().Select((condition, index) => ReadCondition(condition, $"{path}.where[{index}]"))];
        }

        if (type is null || of is null || conditions.Contains(null)) return null;
        var measure = new Measure(type, of.Value, field, within, conditions.Count == 0 ? null : [.. conditions.OfType<FieldCondition>()]);
        errors.AddRange(fields.Check(measure, path));
        return measure;
    }

    private Rule? ReadRule(JsonElement json, string path, int depth)
    {
        if (!IsObject(json, path)) return null;
        string[] forms = [.. ((string[])["all", "any", "not", "measure"]).Where(member => json.TryGetProperty(member, out _))];
        if (forms.Length != 1) return Fail(path, "Exactly one of all, any, not and measure.");
        if (depth > DeepestNesting && forms[0] != "measure") return Fail(path, $"Nested deeper than {DeepestNesting} times.");
        var of = json.GetProperty(forms[0]);
        switch (forms[0])
        {
            case "all" or "any":
                RefuseOthers(json, path, forms[0]);
                if (of.ValueKind != JsonValueKind.Array || of.GetArrayLength() is 0 or > MostComparisons) return Fail($"{path}.{forms[0]}", $"A list of 1 to {MostComparisons} rules.");
                Rule?[] parts = [.. of.EnumerateArray().Select((part, index) => ReadRule(part, $"{path}.{forms[0]}[{index}]", depth + 1))];
                if (parts.Contains(null)) return null;
                return forms[0] == "all" ? new Rule(All: parts!) : new Rule(Any: parts!);
            case "not":
                RefuseOthers(json, path, "not");
                return ReadRule(of, $"{path}.not", depth + 1) is { } negated ? new Rule(Not: negated) : null;
        }

        RefuseOthers(json, path, "measure", "is", "value");
        if (++comparisons == MostComparisons + 1) Error(path, $"More than {MostComparisons} comparisons.");
        var measure = ReadMeasure(of, $"{path}.measure");
        var (comparison, value) = ReadComparison(json, path);
        if (measure is null || comparison is not { } known || value is null) return null;
        errors.AddRange(fields.CheckComparison(measure, known, value, path));
        return new Rule(Measure: measure, Is: known, Value: value);
    }

    private FieldCondition? ReadCondition(JsonElement json, string path)
    {
        if (!IsObject(json, path)) return null;
        RefuseOthers(json, path, "field", "is", "value");
        var field = ReadText(json, path, "field", "A declared field.");
        var (comparison, value) = ReadComparison(json, path);
        return field is null || comparison is null || value is null ? null : new FieldCondition(field, comparison.Value, value);
    }

    private (Comparison? Is, Operand? Value) ReadComparison(JsonElement json, string path)
    {
        var comparison = ReadWord<Comparison>(json, path, "is", "=, !=, <, <=, >, >= or in.");
        var value = json.TryGetProperty("value", out var written) ? Operand.Of(written) : null;
        if (value is null) Error($"{path}.value", "A number, a text, true or false; for in a list of them.");
        else if (value.Values.Count > MostValues || value.Values.Any(one => one.Text.Length > LongestText)) Error($"{path}.value", $"Up to {MostValues} values of up to {LongestText} characters.");
        else if (comparison is not null && value.IsList != (comparison == Comparison.In)) Error($"{path}.value", comparison == Comparison.In ? "A list." : "One value.");
        else return (comparison, value);
        return (comparison, null);
    }

    private string? ReadText(JsonElement json, string path, string member, string expected)
    {
        if (json.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 and <= LongestText } text) return text;
        Error($"{path}.{member}", expected);
        return null;
    }

    private T? ReadWord<T>(JsonElement json, string path, string member, string expected)
        where T : struct, Enum
    {
        if (json.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String)
        {
            foreach (var candidate in Enum.GetValues<T>())
            {
                if (JsonSerializer.SerializeToElement(candidate, Words).ValueEquals(value.GetString())) return candidate;
            }
        }

        Error($"{path}.{member}", expected);
        return null;
    }

    private bool IsObject(JsonElement json, string path)
    {
        if (json.ValueKind == JsonValueKind.Object) return true;
        Error(path, "An object.");
        return false;
    }

    private void RefuseOthers(JsonElement json, string path, params string[] members)
    {
        foreach (var member in json.EnumerateObject().Where(member => !members.Contains(member.Name))) Error($"{path}.{member.Name}", "No such member.");
    }

    private Rule? Fail(string path, string message)
    {
        Error(path, message);
        return null;
    }

    private void Error(string path, string message) => errors.Add(new DeclarationError(path, message));
}
