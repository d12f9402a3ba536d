using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>The declared event types.</summary>
public sealed record EventTypesAnswer(IReadOnlyList<EventType> Items, string? Next);

/// <summary>What is collected, and why.</summary>
internal static class ListEventTypes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/event-types", ListAsync).WithName("ListEventTypes").AllowRoles(Roles.Product, Roles.Operator, Roles.Officer).WithSummary("Declared event types");
        routes.MapGet("/event-types/{type}", ReadAsync).WithName("ReadEventType").AllowRoles(Roles.Product, Roles.Operator, Roles.Officer).WithSummary("A declared event type");
    }

    private static async Task<Ok<EventTypesAnswer>> ListAsync(DocumentSession session, CancellationToken cancellationToken) =>
        TypedResults.Ok(new EventTypesAnswer(await session.QueryAsync<EventType>("type", cancellationToken: cancellationToken), null));

    private static async Task<Results<Ok<EventType>, ProblemHttpResult>> ReadAsync(string type, DocumentSession session, CancellationToken cancellationToken) =>
        await session.LoadAsync<EventType>(type, cancellationToken) is { } found ? TypedResults.Ok(found) : Problems.NotFound("event type");
}
