using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Contracts.Retention;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;
using Personalization.Retention.Domain;

namespace Personalization.Retention.Features;

/// <summary>Replaces all rules, and tells the services that store data.</summary>
public static class ReplaceRetentionRules
{
    /// <summary>Maps the endpoint.</summary>
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPut("/retention-rules", HandleAsync)
        .AllowRoles(Roles.Operator, Roles.Officer)
        .WithSummary("Replace all retention rules");

    private static async Task<Results<Ok<RetentionRulesView>, ProblemHttpResult>> HandleAsync(
        RulesRequest request, DocumentSession session, CancellationToken cancellationToken)
    {
        var wrong = RetentionRules.Check(request.Rules);
        if (wrong.Count > 0)
        {
            return Problems.Of(
                StatusCodes.Status400BadRequest, "bad-retention-rules", "The retention rules can't be used.", "Correct what 'errors' names.",
                [new("errors", wrong)]);
        }

        var current = await session.LoadAsync<RetentionRules>(RetentionRules.Only, cancellationToken) ?? RetentionRules.None;
        if (current.Replace(request.Rules) is not { } next) return TypedResults.Ok(RetentionRulesView.Of(current));
        session.Store(next);
        session.Publish(next.Announcement());
        return TypedResults.Ok(RetentionRulesView.Of(next));
    }

    /// <summary>The new rules; what isn't among them is no longer kept.</summary>
    public sealed record RulesRequest(IReadOnlyList<RetentionRule> Rules);
}
