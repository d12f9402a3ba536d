using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;
using Personalization.Retention.Domain;

namespace Personalization.Retention.Features;

/// <summary>All versions of the rules, the newest first.</summary>
internal static class ListRetentionRules
{
    private const int MostItems = 500;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/retention-rules/versions", HandleAsync)
        .AllowRoles(Roles.Operator, Roles.Officer, Roles.Auditor)
        .ShowsNobody()
        .WithSummary("All versions of the retention rules, the newest first");

    private static async Task<Ok<RulesPage>> HandleAsync(DocumentSession session, CancellationToken cancellationToken, int limit = 100, long? after = null)
    {
        limit = Math.Clamp(limit, 1, MostItems);
        var versions = await session.QueryAsync<RetentionRulesVersion>(
            "newest", after: after is > 0 ? RetentionRulesVersion.OrderOf(after.Value) : null, limit: limit, cancellationToken: cancellationToken);
        return TypedResults.Ok(new RulesPage(
            [.. versions.Select(version => RetentionRulesView.Of(version.Rules))],
            versions.Count < limit ? null : versions[^1].Rules.Version.ToString(CultureInfo.InvariantCulture)));
    }

    /// <summary>A page of versions.</summary>
    /// <param name="Items">The versions.</param>
    /// <param name="Next">The <c>after</c> of the next page; absent on the last.</param>
    internal sealed record RulesPage(IReadOnlyList<RetentionRulesView> Items, string? Next);
}
