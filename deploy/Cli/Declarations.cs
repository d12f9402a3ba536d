using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Personalization.Contracts.Profile;
using Personalization.Contracts.Retention;
using Personalization.Platform;

namespace Personalization.Cli;

/// <summary>What a deployment collects and why, in one file: everything that has to be declared before the first event.</summary>
internal sealed record Declarations(
    string Region, IReadOnlyList<DeclaredPurpose> Purposes, IReadOnlyList<DeclaredEventType> EventTypes, IReadOnlyList<RetentionRule> RetentionRules, IReadOnlyList<DeclaredItem> Items,
    IReadOnlyList<DeclaredContactType>? ContactTypes = null, IReadOnlyList<ReadRule>? ReadRules = null, IReadOnlyList<DeclaredTrait>? Traits = null,
    IReadOnlyList<DeclaredSegment>? Segments = null)
{
    private static readonly JsonSerializerOptions Format = new(Json.Options)
    {
        AllowTrailingCommas = true,
        ReadCommentHandling = JsonCommentHandling.Skip,
        // A misspelt member would otherwise be a declaration that silently isn't made.
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    // The server has the last word; known here, so that a slip is found before anything was changed.
    private static readonly string[] FieldTypes = ["string", "number", "integer", "boolean", "time"], Classifications = ["ordinary", "sensitive"];

    // What staff read for that isn't a purpose people decide on.
    private static readonly string[] StaffTasks = [.. Platform.Http.ReadRules.Standard.Rules.Select(rule => rule.Purpose).Distinct().Order(StringComparer.Ordinal)];

    private static readonly JsonDocumentOptions Lenient = new() { AllowTrailingCommas = Format.AllowTrailingCommas, CommentHandling = Format.ReadCommentHandling };

    /// <summary>Reads and checks a file.</summary>
    /// <exception cref="CommandException">It isn't there or isn't right; the message lists what and where, by JSON path.</exception>
    public static Declarations Read(string file)
    {
        if (!File.Exists(file)) throw new CommandException($"There is no file {file}.");
        var (declarations, errors) = Parse(File.ReadAllText(file));
        return declarations ?? throw new CommandException($"{file} is not applied:\n{string.Join('\n', errors.Select(error => $"  {error}"))}");
    }

    /// <returns>The declarations, or what is wrong with them.</returns>
    public static (Declarations? Declarations, IReadOnlyList<string> Errors) Parse(string json)
    {
        Declarations declarations;
        try
        {
            declarations = JsonSerializer.Deserialize<Declarations>(json, Format) ?? throw new JsonException("The file holds nothing.");
        }
        catch (JsonException exception)
        {
            var line = exception.LineNumber is { } number ? $" (line {number + 1})" : "";
            return (null, [$"{exception.Path ?? "$"}{line}: {Reason(exception)}"]);
        }

        // The serializer lets null pass among the items of a list and the values of a map.
        string[] errors = [.. Nulls(JsonNode.Parse(json, documentOptions: Lenient), "$", isOptional: false)];
        if (errors.Length == 0) errors = [.. Check(declarations)];
        return errors.Length == 0 ? (declarations, []) : (null, errors);
    }

    private static IEnumerable<string> Nulls(JsonNode? node, string path, bool isOptional) => node switch
    {
        null => isOptional ? [] : [$"{path}: must not be null."],
        JsonArray items => items.SelectMany((item, index) => Nulls(item, $"{path}[{index}]", isOptional: false)),
        // Fields are a map; members of everything else may be left out.
        JsonObject members => members.SelectMany(member => Nulls(member.Value, $"{path}.{member.Key}", isOptional: !path.EndsWith(".fields", StringComparison.Ordinal))),
        _ => [],
    };

    private static IEnumerable<string> Check(Declarations file)
    {
        var purposes = file.Purposes.GroupBy(purpose => purpose.Id).ToDictionary(group => group.Key, group => group.First());
        foreach (var (path, id) in Duplicates("$.purposes", "id", file.Purposes.Select(purpose => purpose.Id))) yield return $"{path}: '{id}' is declared twice.";
        foreach (var (path, id) in Duplicates("$.eventTypes", "type", file.EventTypes.Select(type => type.Type))) yield return $"{path}: '{id}' is declared twice.";
        foreach (var (path, id) in Duplicates("$.items", "id", file.Items.Select(item => item.Id))) yield return $"{path}: '{id}' is declared twice.";

        foreach (var (path, id) in Duplicates("$.contactTypes", "type", (file.ContactTypes ?? []).Select(type => type.Type))) yield return $"{path}: '{id}' is declared twice.";
        foreach (var (path, id) in Duplicates("$.traits", "name", (file.Traits ?? []).Select(trait => trait.Name))) yield return $"{path}: '{id}' is declared twice.";
        foreach (var (path, id) in Duplicates("$.segments", "id", (file.Segments ?? []).Select(segment => segment.Id))) yield return $"{path}: '{id}' is declared twice.";

        for (var p = 0; p < file.Purposes.Count; p++)
        {
            if (file.Purposes[p].Categories.Count == 0) yield return $"$.purposes[{p}].categories: a purpose uses at least one category of data.";
            if (file.Purposes[p].Notices.Count == 0) yield return $"$.purposes[{p}].notices: nobody can agree to a purpose without a notice.";
            foreach (var (path, language) in Duplicates($"$.purposes[{p}].notices", "language", file.Purposes[p].Notices.Select(notice => notice.Language)))
                yield return $"{path}: a second notice in '{language}'.";
        }

        for (var t = 0; t < file.EventTypes.Count; t++)
        {
            var type = file.EventTypes[t];
            var path = $"$.eventTypes[{t}]";
            foreach (var (name, field) in type.Fields)
            {
                if (!FieldTypes.Contains(field.Type)) yield return $"{path}.fields.{name}.type: one of {string.Join(", ", FieldTypes)}.";
                if (field.Classification is { } classification && !Classifications.Contains(classification))
                    yield return $"{path}.fields.{name}.classification: one of {string.Join(", ", Classifications)}.";
                if (field.Purposes.Count == 0) yield return $"{path}.fields.{name}.purposes: a field without a purpose is never stored.";
                foreach (var error in CheckStored($"{path}.fields.{name}", field.Category, field.Purposes)) yield return error;
            }

            if (type.Signal is not { } signal) continue;
            if (!type.Fields.ContainsKey(signal.ItemField)) yield return $"{path}.signal.itemField: there is no field '{signal.ItemField}'.";
            if (signal.ValueField is { } value && !type.Fields.ContainsKey(value)) yield return $"{path}.signal.valueField: there is no field '{value}'.";
        }

        for (var c = 0; c < file.ContactTypes?.Count; c++)
        {
            foreach (var error in CheckStored($"$.contactTypes[{c}]", file.ContactTypes[c].Category, file.ContactTypes[c].Purposes)) yield return error;
        }

        for (var r = 0; r < file.ReadRules?.Count; r++)
        {
            var rule = file.ReadRules[r];
            if (!purposes.TryGetValue(rule.Purpose, out var purpose) && !StaffTasks.Contains(rule.Purpose))
                yield return $"$.readRules[{r}].purpose: there is no purpose '{rule.Purpose}', and no task of the staff: {string.Join(", ", StaffTasks)}.";
            foreach (var category in rule.Categories.Where(category => purpose?.Categories.Contains(category) == false))
                yield return $"$.readRules[{r}].categories: purpose '{rule.Purpose}' does not use the category '{category}'.";
            foreach (var category in rule.Categories.Where(category => file.ReadRules.Take(r).Any(other => other.Role == rule.Role && other.Purpose == rule.Purpose && other.Categories.Contains(category))))
                yield return $"$.readRules[{r}].categories: a second rule for '{rule.Role}', '{rule.Purpose}' and '{category}'.";
            if (rule.IsDefault == true && file.ReadRules.Take(r).Any(other => other.IsDefault == true && other.Role == rule.Role && other.Purpose != rule.Purpose))
                yield return $"$.readRules[{r}].isDefault: a second default purpose for '{rule.Role}'.";
        }

        foreach (var (path, purpose) in (file.Traits ?? []).Select((trait, t) => ($"$.traits[{t}]", trait.Purpose)).Concat((file.Segments ?? []).Select((segment, g) => ($"$.segments[{g}]", segment.Purpose))))
        {
            if (!purposes.ContainsKey(purpose)) yield return $"{path}.purpose: there is no purpose '{purpose}'.";
        }

        for (var r = 0; r < file.RetentionRules.Count; r++)
        {
            var rule = file.RetentionRules[r];
            if (rule.KeepDays < 1 && rule.From != RetentionStart.ConsentEnded) yield return $"$.retentionRules[{r}].keepDays: at least 1.";
            if (rule.FreezeDays < 1) yield return $"$.retentionRules[{r}].freezeDays: at least 1.";
            if (rule is { FreezeDays: not null, LegalBasis: null }) yield return $"$.retentionRules[{r}].legalBasis: what is frozen is kept by a law, which has to be named.";
            if (!purposes.TryGetValue(rule.Purpose, out var purpose)) yield return $"$.retentionRules[{r}].purpose: there is no purpose '{rule.Purpose}'.";
            else if (!purpose.Categories.Contains(rule.Category)) yield return $"$.retentionRules[{r}].category: purpose '{rule.Purpose}' does not use the category '{rule.Category}'.";
            if (file.RetentionRules.Take(r).Any(other => other.Purpose == rule.Purpose && other.Category == rule.Category))
                yield return $"$.retentionRules[{r}]: a second rule for '{rule.Purpose}' and '{rule.Category}'.";
        }

        // What would be dropped all the same is a slip in one of the three places.
        IEnumerable<string> CheckStored(string path, string category, IReadOnlyList<string> stored)
        {
            for (var i = 0; i < stored.Count; i++)
            {
                var at = $"{path}.purposes[{i}]";
                if (!purposes.TryGetValue(stored[i], out var purpose)) yield return $"{at}: there is no purpose '{stored[i]}'.";
                else if (!purpose.Categories.Contains(category)) yield return $"{at}: purpose '{purpose.Id}' does not use the category '{category}'.";
                else if (!file.RetentionRules.Any(rule => rule.Purpose == purpose.Id && rule.Category == category))
                    yield return $"{at}: no retention rule covers '{purpose.Id}' and '{category}', so it would not be stored.";
            }
        }
    }

    private static IEnumerable<(string Path, string Id)> Duplicates(string path, string member, IEnumerable<string> ids)
    {
        var seen = new HashSet<string>();
        return ids.Select((id, index) => (Path: $"{path}[{index}].{member}", Id: id)).Where(entry => !seen.Add(entry.Id));
    }

    // The serializer's own text names CLR types and repeats the path.
    private static string Reason(JsonException exception)
    {
        var message = exception.Message;
        if (message.Contains("could not be mapped", StringComparison.Ordinal)) return "this member is not known here.";
        if (message.Contains("missing required", StringComparison.Ordinal)) return $"missing: {message[(message.LastIndexOf(':') + 1)..].Trim().TrimEnd('.')}.";
        if (message.Contains("could not be converted", StringComparison.Ordinal)) return "the value is of another kind than this member takes.";
        if (message.Contains("doesn't allow null", StringComparison.Ordinal) || message.Contains("null", StringComparison.Ordinal)) return "must not be null.";
        return message.Split(" Path: ")[0];
    }
}

/// <summary>A purpose, as <c>PUT /purposes/{id}</c> takes it.</summary>
internal sealed record DeclaredPurpose(
    string Id, string LawfulBasis, IReadOnlyList<string> Categories, IReadOnlyList<DeclaredNotice> Notices, string Type = "personalization", bool IsConditionOfService = false,
    IReadOnlyList<string>? SensitiveCategories = null, IReadOnlyList<string>? Recipients = null, IReadOnlyList<string>? Processors = null,
    IReadOnlyList<string>? StorageLocations = null, IReadOnlyList<string>? Jurisdictions = null, string RetentionReference = "/retention-rules", DeclaredReward? Reward = null,
    int? ValidDays = null, bool? MaterialChange = null, string OnMaterialChange = "keep", int RenewWithinDays = 0,
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>? CategoryNames = null);

/// <summary>What a person gets for openness.</summary>
internal sealed record DeclaredReward(string Id, string Kind, IReadOnlyDictionary<string, string> Titles);

/// <summary>A purpose's text in one language.</summary>
internal sealed record DeclaredNotice(string Language, string Title, string Text);

/// <summary>An event type, as <c>PUT /event-types/{type}</c> takes it.</summary>
internal sealed record DeclaredEventType(
    string Type, string Description, IReadOnlyDictionary<string, DeclaredField> Fields, DeclaredSignal? Signal = null,
    IReadOnlyList<string>? Sources = null, bool? ThirdParty = null, bool? DropUnused = null, IReadOnlyList<string>? Reaches = null);

/// <summary>A field of an event type.</summary>
internal sealed record DeclaredField(
    string Type, string Category, IReadOnlyList<string> Purposes, string Description, string? Classification = null, int? MaxAgeDays = null,
    bool? FreeText = null);

/// <summary>What a recommender learns from an event.</summary>
internal sealed record DeclaredSignal(string ItemField, string? ValueField = null);

/// <summary>Something that can be recommended.</summary>
internal sealed record DeclaredItem(string Id, string Title, IReadOnlyList<string> Topics, int? Year = null);

/// <summary>A kind of contact data, as <c>PUT /contact-types/{type}</c> takes it.</summary>
internal sealed record DeclaredContactType(string Type, string Description, string Category, IReadOnlyList<string> Purposes);

/// <summary>A value made of what people did, as <c>PUT /traits/{name}</c> takes it. The server checks the measure.</summary>
internal sealed record DeclaredTrait(string Name, string Description, string Purpose, JsonNode Measure, int? Newest = null);

/// <summary>A segment, as <c>PUT /segments/{id}</c> takes it. The server checks the rule.</summary>
internal sealed record DeclaredSegment(string Id, string Title, string Purpose, IReadOnlyList<string> Channels, JsonNode Rule);
