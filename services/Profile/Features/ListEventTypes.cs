using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>The declared event types.</summary>
/// <param name="Items">By name.</param>
/// <param name="Next">Value of <c>after</c> for the next page; null: the last one.</param>
public sealed record EventTypesAnswer(IReadOnlyList<EventType> Items, string? Next);

/// <summary>What is collected, and why; today and as it was declared before.</summary>
internal static class ListEventTypes
{
    private const int Page = 200;
    private static readonly string[] Readers = [Roles.Product, Roles.Operator, Roles.Officer];

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/event-types", ListAsync).WithName("ListEventTypes").AllowRoles(Readers).ShowsNobody().WithSummary("Declared event types");
        routes.MapGet("/event-types/{type}", ReadAsync).WithName("ReadEventType").AllowRoles(Readers).ShowsNobody().WithSummary("A declared event type");
        routes.MapGet("/event-types/{type}/versions/{version:int}", ReadVersionAsync).WithName("ReadEventTypeVersion").AllowRoles(Readers).ShowsNobody()
            .WithSummary("An event type as it was declared before");
        routes.MapGet("/event-types/{type}/schema", ReadSchemaAsync).WithName("ReadEventTypeSchema").AllowRoles(Readers).ShowsNobody()
            .Produces<JsonElement>(contentType: EventSchema.ContentType)
            .WithSummary("JSON Schema (2020-12) of a type's events, for publishers");
    }

    private static async Task<Ok<EventTypesAnswer>> ListAsync(DocumentSession session, CancellationToken cancellationToken, string? after = null)
    {
        var types = await session.QueryAsync<EventType>("type", after: after, limit: Page, cancellationToken: cancellationToken);
        return TypedResults.Ok(new EventTypesAnswer(types, types.Count < Page ? null : types[^1].Type));
    }

    private static async Task<Results<Ok<EventType>, ProblemHttpResult>> ReadAsync(string type, DocumentSession session, CancellationToken cancellationToken) =>
        await session.LoadAsync<EventType>(type, cancellationToken) is { } found ? TypedResults.Ok(found) : Problems.NotFound("event type");

    private static async Task<Results<Ok<EventType>, ProblemHttpResult>> ReadVersionAsync(
        string type, int version, DocumentSession session, CancellationToken cancellationToken)
    {
        if (await session.LoadAsync<EventType>(type, cancellationToken) is not { } current) return Problems.NotFound("event type");
        if (current.Version == version) return TypedResults.Ok(current);
        return await session.LoadAsync<EventTypeVersion>(EventTypeVersion.IdOf(type, version), cancellationToken) is { } earlier
            ? TypedResults.Ok(earlier.Declared)
            : Problems.NotFound("version");
    }

    private static async Task<Results<ContentHttpResult, ProblemHttpResult>> ReadSchemaAsync(string type, DocumentSession session, CancellationToken cancellationToken) =>
        await session.LoadAsync<EventType>(type, cancellationToken) is { } found
            ? TypedResults.Content(EventSchema.Of(found).ToJsonString(), EventSchema.ContentType)
            : Problems.NotFound("event type");
}
