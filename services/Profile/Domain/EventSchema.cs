using System.Text.Json.Nodes;

namespace Personalization.Profile.Domain;

/// <summary>
/// A declared event type as JSON Schema 2020-12, of the event in CloudEvents' structured mode: what is valid by it loses no field to its form.
/// It can't say what a person permits.
/// </summary>
public static class EventSchema
{
    /// <summary>The media type of a JSON Schema.</summary>
    public const string ContentType = "application/schema+json";

    /// <summary>The schema of the events of a type.</summary>
    public static JsonObject Of(EventType type) => new()
    {
        ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
        ["$id"] = $"urn:personalization:event-type:{EventTypeVersion.IdOf(type.Type, type.Version)}",
        ["title"] = type.Type,
        ["description"] = type.Description,
        ["type"] = "object",
        ["required"] = new JsonArray("specversion", "id", "source", "type", "subject", "time", "data"),
        ["properties"] = new JsonObject
        {
            ["specversion"] = new JsonObject { ["const"] = "1.0" },
            ["id"] = new JsonObject { ["type"] = "string", ["minLength"] = 1, ["maxLength"] = ReceivedEvent.LongestId },
            ["source"] = Source(type),
            ["type"] = new JsonObject { ["const"] = type.Type },
            ["subject"] = new JsonObject
            {
                ["description"] = "The customer's opaque id: never an e-mail address, a phone, a card or a document number.",
                ["type"] = "string",
                ["pattern"] = "^[A-Za-z0-9._:-]{1,128}$",
            },
            ["time"] = Time(),
            ["data"] = new JsonObject
            {
                ["type"] = "object",
                ["minProperties"] = 1,
                ["properties"] = new JsonObject(type.Fields.Select(field => KeyValuePair.Create(field.Key, (JsonNode?)Field(field.Value)))),

                // It would be dropped.
                ["additionalProperties"] = false,
            },
        },
    };

    private static JsonObject Source(EventType type)
    {
        var schema = new JsonObject { ["type"] = "string", ["format"] = "uri-reference", ["minLength"] = 1, ["maxLength"] = ReceivedEvent.LongestSource };
        if (type is { ThirdParty: null, Sources: { } sources }) schema["enum"] = new JsonArray([.. sources.Select(source => JsonValue.Create(source))]);
        return schema;
    }

    private static JsonObject Field(FieldDeclaration field)
    {
        var schema = field.Type switch
        {
            FieldType.String => new JsonObject { ["type"] = "string", ["maxLength"] = EventDecision.LongestText },
            FieldType.Number => new JsonObject { ["type"] = "number" },
            FieldType.Integer => new JsonObject { ["type"] = "integer", ["minimum"] = long.MinValue, ["maximum"] = long.MaxValue },
            FieldType.Boolean => new JsonObject { ["type"] = "boolean" },
            _ => Time(),
        };
        schema["description"] = field.Description;
        schema["x-category"] = field.Category;
        schema["x-purposes"] = new JsonArray([.. field.Purposes.Select(purpose => JsonValue.Create(purpose))]);
        if (field.MaxAgeDays is { } days) schema["x-maxAgeDays"] = days;
        if (field.FreeText == true) schema["x-freeText"] = true;
        return schema;
    }

    private static JsonObject Time() => new() { ["type"] = "string", ["format"] = "date-time" };
}
