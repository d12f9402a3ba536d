using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>What became of the events.</summary>
/// <param name="Accepted">Stored, now or before.</param>
/// <param name="Refused">Nothing of these is stored, and why.</param>
/// <param name="Dropped">Fields of accepted events that aren't stored, and why.</param>
public sealed record IngestAnswer(int Accepted, IReadOnlyList<RefusedEvent> Refused, IReadOnlyList<DroppedEventField> Dropped);

/// <summary>An event that isn't stored.</summary>
/// <param name="Index">Its place in the request, from 0.</param>
/// <param name="Reason">A stable word.</param>
/// <param name="Declare">For an unknown type: the declaration that would take it, to be filled in.</param>
public sealed record RefusedEvent(int Index, string Reason, EventTypeDeclaration? Declare = null);

/// <summary>A field that isn't stored.</summary>
public sealed record DroppedEventField(int Index, string Field, string Reason);

/// <summary>Takes CloudEvents 1.0 (structured, binary, batch), decides on each and stores, all in the request.</summary>
internal static class IngestEvents
{
    private const int MaxEvents = 1000;
    private const int MaxBytes = 4 * 1024 * 1024;
    private const string Batch = "application/cloudevents-batch+json";
    private const string Structured = "application/cloudevents+json";
    private static readonly JsonDocumentOptions Format = new() { MaxDepth = 16 };

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/events", HandleAsync)
        .AllowRoles(Roles.Product)
        .WithMetadata(new RequestSizeLimitAttribute(MaxBytes))
        .Accepts<JsonElement>(Structured, Batch, "application/json")
        .WithSummary("Publish customer events (CloudEvents 1.0: structured, binary, batch of up to 1,000)");

    private static async Task<Results<Ok<IngestAnswer>, ProblemHttpResult>> HandleAsync(
        HttpRequest request, ServiceModule module, DocumentSession session, DecideEvents decide, SubjectRefs refs, ProfileTelemetry telemetry,
        CancellationToken cancellationToken, bool dryRun = false)
    {
        if (!module.Lease.IsValid) return Problems.ConsentUnknown();
        if (await ReadAsync(request, cancellationToken) is not { } events)
            return Problems.Of(StatusCodes.Status400BadRequest, "malformed-events", "The body is not a CloudEvent or a batch of them.", "JSON, at most 16 levels deep.");
        if (events.Count > MaxEvents) return Problems.Of(StatusCodes.Status413PayloadTooLarge, "too-many-events", "A request takes 1,000 events.", "Nothing was stored. Split it.");

        var decisions = new EventDecision[events.Count];
        var received = new List<(int Index, ReceivedEvent Event)>(events.Count);
        for (var i = 0; i < events.Count; i++)
        {
            if (ReceivedEvent.Parse(events[i], refs, out var refused) is { } good) received.Add((i, good));
            else decisions[i] = EventDecision.Refuse(refused!);
        }

        var decided = await decide.DecideAsync([.. received.Select(pair => pair.Event)], session, cancellationToken);
        foreach (var ((index, _), decision) in received.Zip(decided)) decisions[index] = decision;
        if (dryRun)
        {
            session.Clear();
        }
        else
        {
            await session.CommitAsync(cancellationToken);
            telemetry.Count(decisions);
        }

        return TypedResults.Ok(new IngestAnswer(
            decisions.Count(decision => decision.Outcome != EventOutcome.Refused),
            [.. decisions.Index().Where(pair => pair.Item.Outcome == EventOutcome.Refused).Select(pair => new RefusedEvent(
                pair.Index, pair.Item.Reason!, pair.Item.Reason == EventDecision.UnknownType ? DeclarationOf(events[pair.Index]) : null))],
            [.. decisions.Index().SelectMany(pair => pair.Item.Dropped.Select(field => new DroppedEventField(pair.Index, field.Field, field.Reason)))]));
    }

    private static EventTypeDeclaration? DeclarationOf(JsonElement json) =>
        json.GetProperty("type").GetString() is { } type && EventTypeDeclaration.IsTypeName(type) ? EventTypeDeclaration.For(type, json.GetProperty("data")) : null;

    /// <returns>The events in structured form, or null if the body can't be read.</returns>
    private static async Task<IReadOnlyList<JsonElement>?> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            using var document = await JsonDocument.ParseAsync(request.Body, Format, cancellationToken);
            var body = document.RootElement.Clone();
            var type = request.ContentType?.Split(';')[0].Trim();
            if (type == Batch || body.ValueKind == JsonValueKind.Array) return body.ValueKind == JsonValueKind.Array ? [.. body.EnumerateArray()] : null;
            return type == Structured || !request.Headers.ContainsKey("ce-type") ? [body] : [FromHeaders(request.Headers, body)];
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Binary mode: attributes in headers, data in the body.</summary>
    private static JsonElement FromHeaders(IHeaderDictionary headers, JsonElement data)
    {
        var attributes = new Dictionary<string, object> { ["data"] = data };
        foreach (var name in (string[])["specversion", "id", "source", "type", "subject", "time"])
        {
            if (headers[$"ce-{name}"].FirstOrDefault() is { } value) attributes[name] = Uri.UnescapeDataString(value);
        }

        return JsonSerializer.SerializeToElement(attributes, Json.Options);
    }
}
