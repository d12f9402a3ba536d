using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Audit.Domain;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;

namespace Personalization.Audit.Features;

/// <summary>The register of incidents, the newest first.</summary>
internal static class ListIncidents
{
    private const int MostItems = 500;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/incidents", HandleAsync)
        .AllowRoles(Roles.Auditor, Roles.Officer, Roles.Operator)
        .ShowsNobody()
        .WithSummary("The register of incidents, the newest first");

    private static async Task<Ok<IncidentPage>> HandleAsync(DocumentSession session, CancellationToken cancellationToken, int limit = 100, string? after = null)
    {
        limit = Math.Clamp(limit, 1, MostItems);
        var rows = await session.QueryRowsAsync<Incident>("order", after: after, limit: limit, cancellationToken: cancellationToken);
        return TypedResults.Ok(new IncidentPage([.. rows.Select(row => row.Document).OfType<Incident>()], rows.Count < limit ? null : rows[^1].Value));
    }

    /// <summary>A page of incidents.</summary>
    /// <param name="Items">The incidents.</param>
    /// <param name="Next">The <c>after</c> of the next page; absent on the last.</param>
    internal sealed record IncidentPage(IReadOnlyList<Incident> Items, string? Next);
}
