using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Http;

namespace Personalization.Cli;

/// <summary>The command <c>apply</c>: makes a deployment's declarations those of a file, and shows what differs first.</summary>
internal static class Apply
{
    private const int ItemsPerRequest = 1000;
    private const string Purpose = "purpose", Rule = "retention rule", EventType = "event type", ContactType = "contact type", ReadRule = "read rule", Trait = "trait", Segment = "segment";

    // Members that are declared empty count: what is taken out of the file is to be taken out there.
    private static readonly JsonSerializerOptions WithNulls = new(Json.Options) { DefaultIgnoreCondition = JsonIgnoreCondition.Never };

    public static async Task<int> RunAsync(string file, IReadOnlyList<string> options, CancellationToken cancellationToken)
    {
        var arguments = new Arguments(options, ["--url", "--keys"], "--check", "--wait");
        var declarations = Declarations.Read(file);
        var address = Server.AddressOf(arguments["--url"]);
        if (arguments.Has("--check")) return 0;
        if (arguments.Has("--wait")) await Server.UntilAnswersAsync(address, cancellationToken);
        using var api = await Server.ConnectAsync(address, arguments["--keys"], declarations.Region, cancellationToken);
        await ApplyAsync(declarations, api, new Narrator(Console.Out), cancellationToken);
        return 0;
    }

    /// <summary>Shows what differs, and changes only that.</summary>
    /// <exception cref="CommandException">The server refused something; what was applied before stays.</exception>
    public static async Task ApplyAsync(Declarations declarations, ApiClient api, Narrator narrator, CancellationToken cancellationToken)
    {
        var purposes = ById(await ReadAsync("/purposes", "items", api, narrator, cancellationToken), "id");
        var eventTypes = ById(await ReadAsync("/event-types", "items", api, narrator, cancellationToken), "type");
        var rules = await ReadAsync("/retention-rules", "rules", api, narrator, cancellationToken);
        var contactTypes = ById(await ReadAsync("/contact-types", "items", api, narrator, cancellationToken), "type");
        var readRules = await ReadAsync("/read-rules", "rules", api, narrator, cancellationToken);
        var traits = ById(await ReadAsync("/traits", "items", api, narrator, cancellationToken), "name");
        var segments = ById([.. (await ReadAsync("/segments", "items", api, narrator, cancellationToken)).Select(item => item!["segment"]!.DeepClone())], "id");

        ApplyChange[] changes =
        [
            .. declarations.Purposes.Select(purpose => ApplyChange.Of(Purpose, purpose.Id, BodyOf(purpose), purposes.GetValueOrDefault(purpose.Id))
                with { Body = WithMaterialChange(purpose) }),
            .. RuleChanges(Rule, declarations.RetentionRules, rules, "purpose", "category"),
            .. declarations.EventTypes.Select(type => ApplyChange.Of(EventType, type.Type, BodyOf(type), eventTypes.GetValueOrDefault(type.Type))),
            .. (declarations.ContactTypes ?? []).Select(type => ApplyChange.Of(ContactType, type.Type, Without("type", Node(type)), contactTypes.GetValueOrDefault(type.Type))),
            .. declarations.ReadRules is { } declared ? RuleChanges(ReadRule, declared, readRules, "role", "purpose", "access") : [],
            .. (declarations.Traits ?? []).Select(trait => ApplyChange.Of(Trait, trait.Name, Without("name", Node(trait)), traits.GetValueOrDefault(trait.Name))),
            .. (declarations.Segments ?? []).Select(segment => ApplyChange.Of(Segment, segment.Id, Without("id", Node(segment)), segments.GetValueOrDefault(segment.Id))),
        ];
        foreach (var change in changes) narrator.Change(change);
        if (changes.All(change => change.Kind == ChangeKind.Same)) narrator.Line("   Nothing differs.");

        await PutEachAsync(Purpose, "/purposes");
        if (Differs(Rule))
            await WriteAsync(ApiRequest.Put("/retention-rules", Roles.Operator, new JsonObject { ["rules"] = Node(declarations.RetentionRules), ["reason"] = "The deployment's declarations say so." }), api, narrator, cancellationToken);
        await PutEachAsync(EventType, "/event-types");
        await PutEachAsync(ContactType, "/contact-types");
        if (Differs(ReadRule))
            await WriteAsync(ApiRequest.Put("/read-rules", Roles.Officer, new JsonObject { ["rules"] = Node(declarations.ReadRules) }), api, narrator, cancellationToken);
        await PutEachAsync(Trait, "/traits");
        await PutEachAsync(Segment, "/segments");

        // Items can't be listed, and posting one that is there already changes nothing.
        var chunks = declarations.Items.Chunk(ItemsPerRequest).Select(chunk => ApiRequest.Post("/items", Roles.Operator, [.. chunk.Select(item => Node(item))])).ToArray();
        foreach (var chunk in chunks.Take(1)) await WriteAsync(chunk, api, narrator, cancellationToken);
        foreach (var chunk in chunks.Skip(1)) Check(chunk, await api.SendUntilTakenAsync(chunk, Server.StartsWithin, cancellationToken));
        if (chunks.Length > 1) narrator.Line($"     and {chunks.Length - 1} more like it, for all {Narrator.Number(declarations.Items.Count)} items");

        bool Differs(string what) => changes.Any(change => change.Kind != ChangeKind.Same && change.What == what);

        async Task PutEachAsync(string what, string path)
        {
            foreach (var change in changes.Where(change => change.Kind != ChangeKind.Same && change.What == what))
                await WriteAsync(ApiRequest.Put($"{path}/{change.Id}", Roles.Operator, change.Body), api, narrator, cancellationToken);
        }
    }

    /// <summary>Rules are replaced as a whole, so one that is there and not declared is a change too. Some members say which rule it is; one that is left out stands for the usual.</summary>
    private static IEnumerable<ApplyChange> RuleChanges<T>(string what, IReadOnlyList<T> declared, JsonArray actual, params string[] members)
    {
        var there = actual.ToDictionary(IdOf);
        foreach (var rule in declared.Select(rule => Node(rule).AsObject()))
        {
            there.Remove(IdOf(rule), out var known);
            yield return ApplyChange.Of(what, IdOf(rule), rule, known);
        }

        foreach (var id in there.Keys) yield return new ApplyChange(ChangeKind.Removed, what, id, [], new JsonObject());

        string IdOf(JsonNode? rule) => string.Join(", ", members.Select(member => rule![member]).OfType<JsonNode>());
    }

    // It says of a change what it is, so it is nothing that could differ.
    private static JsonObject BodyOf(DeclaredPurpose purpose) => Without("materialChange", WithMaterialChange(purpose));

    private static JsonObject WithMaterialChange(DeclaredPurpose purpose) => Without("id", Node(purpose with
    {
        SensitiveCategories = purpose.SensitiveCategories ?? [],
        Recipients = purpose.Recipients ?? [],
        Processors = purpose.Processors ?? [],
        StorageLocations = purpose.StorageLocations ?? [],
        Jurisdictions = purpose.Jurisdictions ?? [],
        CategoryNames = purpose.CategoryNames ?? new Dictionary<string, IReadOnlyDictionary<string, string>>(),
    }));

    private static JsonObject BodyOf(DeclaredEventType type) => Without("type", Node(type with
    {
        Fields = type.Fields.ToDictionary(
            field => field.Key, field => field.Value with { Classification = field.Value.Classification ?? "ordinary", FreeText = field.Value.FreeText == true ? true : null }),
        ThirdParty = type.ThirdParty == true ? true : null,
        DropUnused = type.DropUnused == true ? true : null,
    }));

    private static JsonObject Without(string member, JsonNode node)
    {
        node.AsObject().Remove(member);
        return node.AsObject();
    }

    private static JsonNode Node<T>(T value) => JsonSerializer.SerializeToNode(value, WithNulls)!;

    private static Dictionary<string, JsonNode> ById(JsonArray items, string id) => items.ToDictionary(item => (string)item![id]!, item => item!);

    private static async Task<JsonArray> ReadAsync(string path, string member, ApiClient api, Narrator narrator, CancellationToken cancellationToken)
    {
        var all = new JsonArray();
        for (var page = path; ;)
        {
            var answer = await api.SendUntilTakenAsync(narrator.Show(ApiRequest.Get(page, Roles.Operator)), Server.StartsWithin, cancellationToken);
            var items = answer.IsSuccess ? answer.Body?[member] as JsonArray : null;
            narrator.Show(answer, $"{items?.Count ?? 0} {(items?.Count == 1 ? "entry" : "entries")}");
            if (items is null) throw new CommandException($"GET {page} answered {answer}");
            foreach (var item in items) all.Add(item?.DeepClone());
            if ((string?)answer.Body?["next"] is not { } next) return all;
            page = $"{path}?after={Uri.EscapeDataString(next)}";
        }
    }

    private static async Task WriteAsync(ApiRequest request, ApiClient api, Narrator narrator, CancellationToken cancellationToken)
    {
        var answer = await api.SendUntilTakenAsync(narrator.Show(request), Server.StartsWithin, cancellationToken);
        narrator.Show(answer, answer.IsSuccess ? "" : null);
        Check(request, answer);
    }

    private static void Check(ApiRequest request, ApiAnswer answer)
    {
        if (!answer.IsSuccess) throw new CommandException($"{request.Method} {request.Path} was refused: {answer}");
        if (answer.Body?["errors"] is JsonArray { Count: > 0 } errors) throw new CommandException($"{request.Method} {request.Path} took not all lines: {errors[0]!.ToJsonString()}");
    }
}
