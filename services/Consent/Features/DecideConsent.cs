using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Consent.Domain;
using Personalization.Contracts.Consent;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>Body of <c>PUT /consents/{customerId}/{purpose}</c>.</summary>
/// <param name="Decision"><c>granted</c> or <c>denied</c>.</param>
/// <param name="NoticeVersion">The version the person was shown; it must be the current one.</param>
/// <param name="Language">The language it was shown in.</param>
/// <param name="Channel">Where, <c>web</c> for example; 1 to 32 letters, digits, '-'.</param>
/// <param name="Categories">For a grant: what of the purpose's categories; null means all.</param>
/// <param name="DecidedAt">When the person decided, if that is not now. Instead of <c>If-Match</c> it says what the grant was decided on.</param>
/// <param name="ServedNoticeId">The record of the notice's having been served, if the page that asked made one.</param>
public sealed record DecideConsentRequest(
    ConsentDecision Decision, int NoticeVersion, string Language, string Channel, IReadOnlyList<string>? Categories = null, DateTimeOffset? DecidedAt = null,
    string? ServedNoticeId = null)
{
    /// <summary>Never taken: a body that names purposes beside the one in the path is a bundle, and refused as one.</summary>
    public JsonElement? Purposes { get; init; }
}

/// <summary>
/// A person grants or refuses one purpose. A grant names what it was decided on, because one that timed out may land after a later
/// revocation: older than the last narrowing it is refused.
/// </summary>
internal static class DecideConsent
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPut("/consents/{customerId}/{purpose}", HandleAsync)
        .AllowRoles(Roles.Product, Roles.Subject)
        .Repeatable<DecisionResult>()
        .WithSummary("Grant or refuse a purpose")
        .WithDescription("Needs If-Match with the ETag of GET /consents/{customerId}, or decidedAt, for a grant. 200: in force everywhere; 202: not everywhere yet.");

    private static async Task<Results<DecisionResult, ProblemHttpResult>> HandleAsync(
        string customerId, string purpose, DecideConsentRequest request, HttpRequest http, DocumentSession session, SubjectRefs refs, ConsentTelemetry telemetry,
        TimeProvider time, CancellationToken cancellationToken)
    {
        if (!SubjectRefs.IsCustomerId(customerId)) return Problems.BadCustomerId();
        if (request.Purposes is not null) return Refusals.Bundled.ToProblem();
        var subject = refs.Of(customerId);
        await session.PrefetchAsync(
            [
                session.Key<Purpose>(purpose), session.Key<ConsentRecord>(subject), session.Key<RetentionPeriods>(RetentionPeriods.Only),
                .. RecordServedNotice.KeysOf(session, request.ServedNoticeId),
            ],
            cancellationToken);
        var declared = await session.LoadAsync<Purpose>(purpose, cancellationToken);
        var record = await session.LoadAsync<ConsentRecord>(subject, cancellationToken) ?? ConsentRecord.Empty(subject);
        var now = time.GetUtcNow();

        if (Refusals.OfDecision(declared, request.Decision, request.NoticeVersion, request.Language, request.Channel, request.Categories, request.DecidedAt, now) is { } refusal)
            return refusal.ToProblem();
        if (request.Decision == ConsentDecision.Granted && declared!.Type == PurposeType.Sharing && RecordGpcSignal.IsSent(http)) return Refusals.GpcOptOut.ToProblem();
        var (served, unserved) = await RecordServedNotice.FindAsync(
            session, request.ServedNoticeId, purpose, request.NoticeVersion, request.Language, request.DecidedAt ?? now, cancellationToken);
        if (unserved is not null) return unserved.ToProblem();
        if (request.Decision == ConsentDecision.Granted && Refusals.OfStaleGrant(record, http.Headers.IfMatch, request.DecidedAt) is { } stale) return stale.ToProblem();

        var granted = request.Decision == ConsentDecision.Granted ? request.Categories ?? declared!.Categories : [];
        var change = record.Decide(declared!, [.. granted], ConsentDecision.Denied, request.NoticeVersion, request.DecidedAt ?? now);
        var rewards = request.Decision == ConsentDecision.Granted ? await GiveReward.ForAsync(session, declared!, change?.Record ?? record, now, cancellationToken) : [];
        if (change is null) return DecisionResult.Unchanged(record, named: false, rewards);
        telemetry.Decided(change.Narrowed.Count > 0 ? "narrowed" : request.Decision == ConsentDecision.Granted ? "granted" : "denied");
        var source = new DecisionSource(request.Channel, declared!.NoticeIn(request.Language), request.NoticeVersion) { ServedNoticeId = served?.Id, ServedAt = served?.ServedAt };
        var entry = await RecordChange.StoreAsync(session, change, null, source, now, cancellationToken);
        return DecisionResult.Of(change, entry, rewards);
    }
}
