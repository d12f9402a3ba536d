using System.Text.Json.Nodes;

namespace Personalization.Portal;

/// <summary>Joins the services' OpenAPI documents.</summary>
internal static class OpenApiMerge
{
    private const string Schemas = "#/components/schemas/";

    /// <summary>
    /// Paths and components of all documents; what only services call is left out. Services name their schemas independently: one that
    /// differs from an earlier one of the same name gets the service's name in front.
    /// </summary>
    public static JsonObject Merge(IEnumerable<(string Service, JsonObject Document)> documents, string server)
    {
        JsonObject paths = [], components = [];
        var tags = new JsonArray();
        string? version = null;
        foreach (var (service, document) in documents)
        {
            version ??= (string?)document["openapi"];
            RenameSchemas(document, SchemasThatDiffer(components, document, service));
            foreach (var (path, operations) in Members(document["paths"]))
            {
                if (!path.StartsWith("/internal/", StringComparison.Ordinal)) paths.TryAdd(path, operations?.DeepClone());
            }

            foreach (var (kind, named) in Members(document["components"]))
            {
                if (components[kind] is not JsonObject all) components[kind] = all = [];
                foreach (var (name, component) in Members(named)) all.TryAdd(name, component?.DeepClone());
            }

            foreach (var tag in document["tags"] as JsonArray ?? []) tags.Add(tag?.DeepClone());
        }

        return new JsonObject
        {
            ["openapi"] = version,
            ["info"] = new JsonObject { ["title"] = "Personalization", ["version"] = "1.0.0" },
            ["servers"] = new JsonArray(new JsonObject { ["url"] = server }),
            ["paths"] = paths,
            ["components"] = components,
            ["tags"] = tags,
        };
    }

    private static Dictionary<string, string> SchemasThatDiffer(JsonObject components, JsonObject document, string service)
    {
        var known = components["schemas"] as JsonObject;
        var shared = Members(document["components"]?["schemas"]).Where(schema => known?.ContainsKey(schema.Key) == true).ToArray();
        var differ = shared.Where(schema => !JsonNode.DeepEquals(known![schema.Key], schema.Value)).Select(schema => schema.Key).ToHashSet();
        // The same text means something else where it refers to one that differs.
        while (shared.Where(schema => !differ.Contains(schema.Key) && References(schema.Value).Any(differ.Contains)).Select(schema => schema.Key).ToArray() is { Length: > 0 } more)
            differ.UnionWith(more);
        return differ.ToDictionary(name => name, name => $"{char.ToUpperInvariant(service[0])}{service[1..]}{name}");
    }

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonArray items => items.SelectMany(References),
        JsonObject members => members.SelectMany(member => member.Key == "$ref" && Reference(members) is { } name ? [name] : References(member.Value)),
        _ => [],
    };

    /// <summary>The schema an object refers to, if it does.</summary>
    private static string? Reference(JsonObject node) =>
        (node["$ref"] as JsonValue)?.TryGetValue<string>(out var reference) == true && reference.StartsWith(Schemas, StringComparison.Ordinal) ? reference[Schemas.Length..] : null;

    private static void RenameSchemas(JsonObject document, Dictionary<string, string> names)
    {
        if (names.Count == 0) return;
        Rewrite(document, names);
        var schemas = document["components"]!["schemas"]!.AsObject();
        foreach (var (name, newName) in names)
        {
            var schema = schemas[name];
            schemas.Remove(name);
            schemas[newName] = schema;
        }
    }

    private static void Rewrite(JsonNode? node, Dictionary<string, string> names)
    {
        if (node is JsonArray items)
        {
            foreach (var item in items) Rewrite(item, names);
        }
        else if (node is JsonObject members)
        {
            if (Reference(members) is { } schema && names.TryGetValue(schema, out var name)) members["$ref"] = Schemas + name;
            foreach (var (_, value) in members) Rewrite(value, names);
        }
    }

    private static IEnumerable<KeyValuePair<string, JsonNode?>> Members(JsonNode? node) => node as JsonObject ?? [];
}
