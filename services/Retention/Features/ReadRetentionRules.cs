using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Contracts.Retention;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;
using Personalization.Retention.Domain;

namespace Personalization.Retention.Features;

/// <summary>The rules in force.</summary>
public static class ReadRetentionRules
{
    /// <summary>Maps the endpoint.</summary>
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/retention-rules", HandleAsync)
        .AllowRolesAndAnyPerson(Roles.Operator, Roles.Officer)
        .ShowsNobody()
        .WithSummary("The retention rules in force, or those of an earlier version");

    private static async Task<Results<Ok<RetentionRulesView>, ProblemHttpResult>> HandleAsync(
        DocumentSession session, ClaimsPrincipal caller, CancellationToken cancellationToken, long? version = null)
    {
        var current = await session.LoadAsync<RetentionRules>(RetentionRules.Only, cancellationToken) ?? RetentionRules.None;
        if (version is null || version == current.Version) return TypedResults.Ok(View(current));
        return version > 0 && await session.LoadAsync<RetentionRulesVersion>(RetentionRulesVersion.IdOf(version.Value), cancellationToken) is { } earlier
            ? TypedResults.Ok(View(earlier.Rules))
            : Problems.NotFound("version of the retention rules");

        // How long data is kept is for everybody to know; who of the staff decided so, and why, is not.
        RetentionRulesView View(RetentionRules rules) => caller.Role == Roles.Subject ? RetentionRulesView.Of(rules) with { Change = null } : RetentionRulesView.Of(rules);
    }
}

/// <summary>All rules, their version, 0 before the first, and who made it, when and why.</summary>
public sealed record RetentionRulesView(long Version, IReadOnlyList<RetentionRule> Rules, RuleChange? Change = null)
{
    /// <summary>The view of the rules.</summary>
    public static RetentionRulesView Of(RetentionRules rules) => new(rules.Version, rules.Rules, rules.Change);
}
