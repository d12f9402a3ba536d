using System.Text.Json;
using Personalization.Platform.Privacy;

namespace Personalization.Profile.Domain;

/// <summary>What can be told of a message from the bus, in MassTransit's envelope or plain, readable as an event or not.</summary>
/// <param name="Event">The JSON of the event, if it is JSON.</param>
/// <param name="CustomerId">Whom it is about, if that can be told.</param>
/// <param name="Type">Its type, if it can be one.</param>
/// <param name="Source">Its source, if it can be one.</param>
public sealed record ReceivedMessage(JsonElement? Event, string? CustomerId, string? Type, string? Source)
{
    /// <summary>Looks at a message.</summary>
    public static ReceivedMessage Of(ReadOnlyMemory<byte> body)
    {
        JsonElement json;
        try
        {
            json = JsonElement.Parse(body.Span);
        }
        catch (JsonException)
        {
            return new ReceivedMessage(null, null, null, null);
        }

        if (json.ValueKind == JsonValueKind.Object && json.TryGetProperty("messageType", out _) && json.TryGetProperty("message", out var inner)) json = inner;
        return new ReceivedMessage(
            json,
            Text("subject") is { } subject && SubjectRefs.IsCustomerId(subject) && !DirectIdentifier.IsIn(subject) ? subject : null,
            Text("type") is { } type && EventTypeDeclaration.IsTypeName(type) && !DirectIdentifier.IsIn(type) ? type : null,
            Text("source") is { } source && ReceivedEvent.IsSource(source) && !DirectIdentifier.IsIn(source) ? source : null);

        string? Text(string attribute) =>
            json.ValueKind == JsonValueKind.Object && json.TryGetProperty(attribute, out var value) && value.ValueKind == JsonValueKind.String && ReceivedEvent.IsReadable(value)
                ? value.GetString()
                : null;
    }
}
