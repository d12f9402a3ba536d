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
        .AllowRoles(Roles.Operator, Roles.Officer)
        .WithSummary("The retention rules in force");

    private static async Task<Ok<RetentionRulesView>> HandleAsync(DocumentSession session, CancellationToken cancellationToken) =>
        TypedResults.Ok(RetentionRulesView.Of(await session.LoadAsync<RetentionRules>(RetentionRules.Only, cancellationToken) ?? RetentionRules.None));
}

/// <summary>All rules and their version, 0 before the first.</summary>
public sealed record RetentionRulesView(long Version, IReadOnlyList<RetentionRule> Rules)
{
    /// <summary>The view of the rules.</summary>
    public static RetentionRulesView Of(RetentionRules rules) => new(rules.Version, rules.Rules);
}
