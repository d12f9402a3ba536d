using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Audit.Domain;
using Personalization.Contracts.Audit;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;

namespace Personalization.Audit.Features;

/// <summary>A page of changes, oldest first.</summary>
/// <param name="Items">As they were published.</param>
/// <param name="Next">Value of <c>after</c> for the next page; null: the end.</param>
public sealed record DataMapChangesAnswer(IReadOnlyList<DataMapChanged> Items, string? Next);

/// <summary>How the data map became what it is.</summary>
internal static class ListDataMapChanges
{
    private const int Most = 1000;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/audit/data-map/changes", HandleAsync)
        .AllowRoles(Roles.Auditor, Roles.Officer)
        .ShowsNobody()
        .WithSummary("Changes of the data map")
        .WithDescription("Each is in the audit log too, as DataMapChanged; its fingerprint is that of the map that came of it.");

    private static async Task<Ok<DataMapChangesAnswer>> HandleAsync(DocumentSession session, CancellationToken cancellationToken, string? after = null, int limit = 100)
    {
        var most = Math.Clamp(limit, 1, Most);
        var changes = await session.QueryAsync<DataMapChange>("place", after: after, limit: most, cancellationToken: cancellationToken);
        return TypedResults.Ok(new DataMapChangesAnswer([.. changes.Select(change => change.Changed)], changes.Count < most ? null : changes[^1].Id));
    }
}
