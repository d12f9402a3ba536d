using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Contracts.Retention;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
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
        .ShowsNobody()
        .WithSummary("Replace all retention rules");

    /// <summary>400.</summary>
    internal static ProblemHttpResult Refuse(IReadOnlyList<string> wrong) => Problems.Of(
        StatusCodes.Status400BadRequest, "bad-retention-rules", "The retention rules can't be used.", "Correct what 'errors' names.", [new("errors", wrong)]);

    private static async Task<Results<Ok<RetentionRulesView>, ProblemHttpResult>> HandleAsync(
        RulesRequest request, ClaimsPrincipal caller, ConsentClient consents, SubjectRefs refs, DocumentSession session, TimeProvider time, CancellationToken cancellationToken)
    {
        if (caller.ReaderOf(refs) is not { } by)
            return Problems.Of(StatusCodes.Status403Forbidden, "changer-unknown", "The token does not say who changes the rules.", "It needs the claim sub: who changed them is on record.");
        var current = await session.LoadAsync<RetentionRules>(RetentionRules.Only, cancellationToken) ?? RetentionRules.None;
        if (request.Version is { } shown && shown != current.Version)
            return Problems.Of(StatusCodes.Status409Conflict, "rules-changed", "The rules have been changed meanwhile.", "Read them again: GET /retention-rules says the version in force.");
        IReadOnlyList<string> wrong = string.IsNullOrWhiteSpace(request.Reason) || request.Reason.Length > RetentionRules.LongestText
            ? [$"reason is not 1 to {RetentionRules.LongestText} characters."]
            : RetentionRules.Check(request.Rules, await consents.PurposesAsync(cancellationToken));
        if (wrong.Count > 0) return Refuse(wrong);

        if (current.Replace(request.Rules, new RuleChange(caller.Role, by, time.GetUtcNow(), request.Reason!)) is not { } next) return TypedResults.Ok(RetentionRulesView.Of(current));
        session.Store(next);
        session.Store(new RetentionRulesVersion { Rules = next });
        session.Publish(next.Announcement());
        return TypedResults.Ok(RetentionRulesView.Of(next));
    }

    /// <summary>The new rules; what isn't among them is no longer kept.</summary>
    /// <param name="Rules">All of them.</param>
    /// <param name="Reason">Why they are changed: on record with the version, so it names nobody.</param>
    /// <param name="Version">Which version they replace; if another is in force by now, nothing is replaced. Null: whichever.</param>
    public sealed record RulesRequest(IReadOnlyList<RetentionRule> Rules, string? Reason = null, long? Version = null);
}
