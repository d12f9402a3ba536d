using System.Buffers;
using System.Runtime.InteropServices;
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
/// <param name="Dropped">Fields that aren't stored, and why; of a refused event too, where its fields were the reason.</param>
public sealed record IngestAnswer(int Accepted, IReadOnlyList<RefusedEvent> Refused, IReadOnlyList<DroppedEventField> Dropped);

/// <summary>An event that isn't stored.</summary>
/// <param name="Index">Its place in the request, from 0.</param>
/// <param name="Reason">A stable word.</param>
/// <param name="Declare">For the first event of an unknown type: the declaration that would take it, to be filled in.</param>
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

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/events", HandleAsync)
        .AllowRoles(Roles.Product)
        .WithMetadata(new RequestSizeLimitAttribute(MaxBytes))
        .AcceptsGzip()
        .Accepts<JsonElement>(Structured, Batch, "application/json")
        .Produces<IngestAnswer>()
        .WithSummary("Publish customer events (CloudEvents 1.0: structured, binary, batch of up to 1,000)");

    private static async Task<Results<IngestResult, ProblemHttpResult>> HandleAsync(
        JsonElement body, HttpRequest request, ServiceModule module, DocumentSession session, DecideEvents decide, SubjectRefs refs, ProfileTelemetry telemetry,
        TimeProvider time, CancellationToken cancellationToken, bool dryRun = false)
    {
        if (!module.Lease.IsValid) return Problems.ConsentUnknown();
        if (EventsIn(request, body) is not { } events)
            return Problems.Of(StatusCodes.Status400BadRequest, "malformed-events", "The body is not a CloudEvent or a batch of them.", $"A batch is an array, of the type {Batch}.");
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
        if (dryRun) session.Clear();
        else session.Store(EventCounts.Of(events.Zip(decisions, ReceivedEvent.Counted), time.GetUtcNow()));

        // Once per type: a thousand events of one unknown type need one declaration.
        var unknown = received.Where(pair => decisions[pair.Index].Reason == EventDecision.UnknownType).DistinctBy(pair => pair.Event.Type)
            .ToDictionary(pair => pair.Index, pair => EventTypeDeclaration.For(pair.Event.Type, pair.Event.Source, pair.Event.Data));
        var answer = new IngestAnswer(
            decisions.Count(decision => decision.Outcome != EventOutcome.Refused),
            [.. decisions.Index().Where(pair => pair.Item.Outcome == EventOutcome.Refused).Select(pair => new RefusedEvent(pair.Index, pair.Item.Reason!, unknown.GetValueOrDefault(pair.Index)))],
            [.. decisions.Index().SelectMany(pair => pair.Item.Dropped.Select(field => new DroppedEventField(pair.Index, field.Field, field.Reason)))]);
        return new IngestResult(answer, () => telemetry.Count(dryRun ? [] : decisions));
    }

    /// <returns>The events in structured form, or null if the body is no batch though it says so.</returns>
    private static IReadOnlyList<JsonElement>? EventsIn(HttpRequest request, JsonElement body)
    {
        var type = request.ContentType?.Split(';')[0].Trim();
        if (Batch.Equals(type, StringComparison.OrdinalIgnoreCase)) return body.ValueKind == JsonValueKind.Array ? [.. body.EnumerateArray()] : null;
        if (Structured.Equals(type, StringComparison.OrdinalIgnoreCase)) return [body];
        return request.Headers.Keys.Any(name => name.StartsWith("ce-", StringComparison.OrdinalIgnoreCase)) ? [FromHeaders(request.Headers, body)] : null;
    }

    /// <summary>Binary mode: attributes in headers, data in the body.</summary>
    private static JsonElement FromHeaders(IHeaderDictionary headers, JsonElement data)
    {
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            foreach (var name in (string[])["specversion", "id", "source", "type", "subject", "time"])
            {
                if (headers[$"ce-{name}"].FirstOrDefault() is { } value) writer.WriteString(name, Uri.UnescapeDataString(value));
            }

            // As it came: text that can't be read is refused where events are checked, and would throw here.
            writer.WritePropertyName("data");
            writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(data), skipInputValidation: true);
            writer.WriteEndObject();
        }

        return JsonElement.Parse(json.WrittenSpan);
    }
}

/// <summary>The answer. It is written after the commit, so what had to be decided again is counted once.</summary>
internal sealed class IngestResult(IngestAnswer answer, Action count) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        count();
        return TypedResults.Ok(answer).ExecuteAsync(httpContext);
    }
}
