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
/// <param name="Restrictions">Those that stand, the longest standing first.</param>
public sealed record ConsentsAnswer(long Version, int Epoch, IReadOnlyList<PurposeConsent> Purposes, InForce InForce, IReadOnlyList<RestrictionView> Restrictions);

/// <summary>What was decided for a purpose; null where nothing was.</summary>
/// <param name="Purpose">The purpose.</param>
/// <param name="NoticeVersion">The notice it was last decided on.</param>
/// <param name="Since">When it was last changed, UTC.</param>
/// <param name="NeedsRenewal">What is granted was agreed to before the notice changed materially.</param>
/// <param name="RenewBy">When it lapses unless agreed to anew, UTC.</param>
/// <param name="Categories">Each category of the purpose.</param>
/// <param name="InForce">Since when each serving service goes by it; those that don't yet are missing.</param>
public sealed record PurposeConsent(
    string Purpose, int? NoticeVersion, DateTimeOffset? Since, bool NeedsRenewal, DateTimeOffset? RenewBy, IReadOnlyList<CategoryChoice> Categories, IReadOnlyList<AppliedBy> InForce);

/// <summary>What was decided for a category; restricted, it is granted and not used.</summary>
public sealed record CategoryChoice(string Category, ConsentDecision? Decision, DateTimeOffset? GrantedAt, DateTimeOffset? ValidUntil, bool? IsRestricted = null);

/// <summary>Reads a person's choices, with the ETag a grant is made on. Somebody nothing is known of gets the same answer as somebody who decided nothing.</summary>
internal static class ReadConsents
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/consents/{customerId}", HandleAsync)
        .AllowRoles(Roles.Product, Roles.Subject, Roles.Officer)
        .ShowsStaff("consents", ["consent"])
        .WithSummary("A person's choices");

    private static async Task<Results<Ok<ConsentsAnswer>, ProblemHttpResult>> HandleAsync(
        string customerId, HttpResponse response, DocumentSession session, SubjectRefs refs, InForceWaiter waiter, CancellationToken cancellationToken)
    {
        if (!SubjectRefs.IsCustomerId(customerId)) return Problems.BadCustomerId();
        var subject = refs.Of(customerId);
        var record = await session.LoadAsync<ConsentRecord>(subject, cancellationToken) ?? ConsentRecord.Empty(subject);
        var purposes = await session.QueryAsync<Purpose>("all", cancellationToken: cancellationToken);
        var decided = record.DecisionsInForce.ToDictionary(decision => (decision.Purpose, decision.Category));
        response.Headers.ETag = ConsentETag.Of(record.Version);
        var applied = await waiter.AppliedAsync(subject, cancellationToken);
        return TypedResults.Ok(new ConsentsAnswer(
            record.Version,
            record.Epoch,
            [.. purposes.Where(purpose => purpose.IsConsentBased).Select(purpose => new PurposeConsent(
                purpose.Id,
                record.NoticeVersions.TryGetValue(purpose.Id, out var notice) ? notice : null,
                record.Changes.GetValueOrDefault(purpose.Id)?.At,
                record.IsGranted(purpose.Id) && record.NoticeVersions.GetValueOrDefault(purpose.Id) < purpose.MaterialVersion,
                record.Renewals.FirstOrDefault(renewal => renewal.Purpose == purpose.Id)?.RenewBy,
                [.. purpose.Categories.Select(category => decided.GetValueOrDefault((purpose.Id, category)) is { } decision
                    ? new CategoryChoice(category, decision.Decision, decision.GrantedAt, decision.ValidUntil, decision.IsRestricted)
                    : new CategoryChoice(category, null, null, null))],
                [.. applied.Where(service => record.Changes.TryGetValue(purpose.Id, out var change) && service.Version >= change.Version && service.Since.ContainsKey(purpose.Id))
                    .Select(service => new AppliedBy(service.Service, service.Since[purpose.Id]))]))],
            record.Version == 0 ? new InForce("yes", [], []) : await waiter.ReadAsync(subject, record.Version, cancellationToken),
            [.. record.Restrictions.Select(RestrictionView.Of)]));
    }
}
