using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Consent.Domain;
using Personalization.Contracts.Consent;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>A subject's choices.</summary>
/// <param name="Version">The consent version; 0 if nothing was ever decided.</param>
/// <param name="Epoch">The epoch.</param>
/// <param name="Purposes">Every declared purpose, decided or not.</param>
/// <param name="InForce">Where this version is in force.</param>
public sealed record ConsentsAnswer(long Version, int Epoch, IReadOnlyList<PurposeConsent> Purposes, InForce InForce);

/// <summary>What was decided for a purpose; null where nothing was.</summary>
public sealed record PurposeConsent(string Purpose, int? NoticeVersion, IReadOnlyList<CategoryChoice> Categories);

/// <summary>What was decided for a category.</summary>
public sealed record CategoryChoice(string Category, ConsentDecision? Decision, DateTimeOffset? GrantedAt, DateTimeOffset? ValidUntil);

/// <summary>Reads a person's choices, with the ETag a grant is made on. Somebody nothing is known of gets the same answer as somebody who decided nothing.</summary>
internal static class ReadConsents
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/consents/{customerId}", HandleAsync)
        .AllowRoles(Roles.Product, Roles.Subject, Roles.Officer)
        .WithSummary("A person's choices");

    private static async Task<Results<Ok<ConsentsAnswer>, ProblemHttpResult>> HandleAsync(
        string customerId, HttpResponse response, DocumentSession session, SubjectRefs refs, InForceWaiter waiter, CancellationToken cancellationToken)
    {
        if (!SubjectRefs.IsCustomerId(customerId)) return Problems.BadCustomerId();
        var subject = refs.Of(customerId);
        var record = await session.LoadAsync<ConsentRecord>(subject, cancellationToken) ?? ConsentRecord.Empty(subject);
        var purposes = await session.QueryAsync<Purpose>("all", cancellationToken: cancellationToken);
        var decided = record.Decisions.ToDictionary(decision => (decision.Purpose, decision.Category));
        response.Headers.ETag = ConsentETag.Of(record.Version);
        return TypedResults.Ok(new ConsentsAnswer(
            record.Version,
            record.Epoch,
            [.. purposes.Select(purpose => new PurposeConsent(
                purpose.Id,
                record.NoticeVersions.TryGetValue(purpose.Id, out var notice) ? notice : null,
                [.. purpose.Categories.Select(category => decided.GetValueOrDefault((purpose.Id, category)) is { } decision
                    ? new CategoryChoice(category, decision.Decision, decision.GrantedAt, decision.ValidUntil)
                    : new CategoryChoice(category, null, null, null))]))],
            record.Version == 0 ? new InForce("yes", [], []) : await waiter.ReadAsync(subject, record.Version, cancellationToken)));
    }
}
