using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Contracts.Retention;
using Personalization.Platform.Http;
using Personalization.Retention.Domain;

namespace Personalization.Retention.Features;

/// <summary>What other rules would erase today, in numbers of people. Nothing is changed.</summary>
internal static class PreviewRetentionRules
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/retention-rules/preview", HandleAsync)
        .AllowRoles(Roles.Operator, Roles.Officer)
        .ShowsNobody()
        .WithSummary("Count whose data other retention rules would erase today, a small count suppressed")
        .WithDescription("Per service, purpose and category. What Recommendation learnt goes with the data of Profile that it learnt from, which is all it holds.");

    private static async Task<Results<Ok<Preview>, ProblemHttpResult>> HandleAsync(
        Request request, ConsentClient consents, ProfileClient profile, CancellationToken cancellationToken)
    {
        var wrong = RetentionRules.Check(request.Rules, await consents.PurposesAsync(cancellationToken));
        return wrong.Count > 0
            ? ReplaceRetentionRules.Refuse(wrong)
            : TypedResults.Ok(new Preview(new Dictionary<string, JsonElement> { ["profile"] = await profile.PreviewAsync(request.Rules, cancellationToken) }));
    }

    /// <summary>All rules that would be in force.</summary>
    internal sealed record Request(IReadOnlyList<RetentionRule> Rules);

    /// <summary>By service, what it says.</summary>
    internal sealed record Preview(IReadOnlyDictionary<string, JsonElement> Services);
}
