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
        .WithSummary("The register of incidents, the newest first")
        .WithDescription("state: open while a notice is still to be sent, closed once all are, or else all of them.");

    private static async Task<Results<Ok<IncidentPage>, ProblemHttpResult>> HandleAsync(
        DocumentSession session, CancellationToken cancellationToken, string? state = null, int limit = 100, string? after = null)
    {
        if (state is not (null or "open" or "closed")) return Problems.Of(StatusCodes.Status400BadRequest, "bad-state", "There is no such state.", "An incident is 'open' or 'closed'.");
        var prefix = state is null ? "" : Incident.PrefixOf(state == "open");
        limit = Math.Clamp(limit, 1, MostItems);

        // No value with that prefix comes after its slash's successor.
        var rows = await session.QueryRowsAsync<Incident>(
            state is null ? "order" : "state", after: prefix + after, atMost: state is null ? null : prefix[..^1] + '0', limit: limit, cancellationToken: cancellationToken);
        return TypedResults.Ok(new IncidentPage([.. rows.Select(row => row.Document).OfType<Incident>()], rows.Count < limit ? null : rows[^1].Value[prefix.Length..]));
    }

    /// <summary>A page of incidents.</summary>
    /// <param name="Items">The incidents.</param>
    /// <param name="Next">The <c>after</c> of the next page; absent on the last.</param>
    internal sealed record IncidentPage(IReadOnlyList<Incident> Items, string? Next);
}
