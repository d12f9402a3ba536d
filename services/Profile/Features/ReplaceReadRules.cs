using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Contracts.Profile;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>The new rules; what isn't among them is refused from then on.</summary>
public sealed record ReadRulesRequest(IReadOnlyList<ReadRule> Rules);

/// <summary>All rules and their version; 0 before the first, when the standard ones are in force.</summary>
public sealed record ReadRulesAnswer(long Version, IReadOnlyList<ReadRule> Rules);

/// <summary>Replaces the rules that say who may read what of a person and what for: an officer's word, so that nobody lets themselves read.</summary>
internal static class ReplaceReadRules
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPut("/read-rules", HandleAsync).AllowRoles(Roles.Officer).ShowsNobody().WithSummary("Replace the rules that say who may read what of a person, and what for");
        routes.MapGet("/read-rules", ReadAsync).WithName("ReadReadRules").AllowRoles(Roles.Officer, Roles.Operator, Roles.Product, Roles.Auditor).ShowsNobody()
            .WithSummary("Who may read what of a person, and what for");
    }

    private static async Task<Results<Ok<ReadRulesAnswer>, ProblemHttpResult>> HandleAsync(
        ReadRulesRequest request, DocumentSession session, TimeProvider time, CancellationToken cancellationToken)
    {
        var wrong = ReadRuleCheck.Check(request.Rules);
        if (wrong.Count > 0)
        {
            return Problems.Of(
                StatusCodes.Status400BadRequest, "bad-read-rules", "The read rules can't be used.", "Correct what 'errors' names. Nothing was changed.", [KeyValuePair.Create("errors", (object?)wrong)]);
        }

        var current = await ReadRules.OfAsync(session, cancellationToken);
        if (current.Replace(request.Rules) is not { } next) return TypedResults.Ok(new ReadRulesAnswer(current.Version, current.Rules));
        session.Store(next);
        session.Publish(next.Announcement(time.GetUtcNow()));
        return TypedResults.Ok(new ReadRulesAnswer(next.Version, next.Rules));
    }

    private static async Task<Ok<ReadRulesAnswer>> ReadAsync(DocumentSession session, CancellationToken cancellationToken)
    {
        var rules = await ReadRules.OfAsync(session, cancellationToken);
        return TypedResults.Ok(new ReadRulesAnswer(rules.Version, rules.Rules));
    }
}
