using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Consent.Domain;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>
/// A page saw the person's browser send Global Privacy Control: every sharing purpose that wasn't decided is refused and every one that was
/// granted is revoked. The signal is about passing data on to third parties, so other purposes are not touched.
/// </summary>
internal static class RecordGpcSignal
{
    private const string Channel = "gpc";

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/consents/{customerId}/signals/gpc", HandleAsync)
        .AllowRoles(Roles.Product, Roles.Subject)
        .Repeatable<DecisionResult>()
        .WithSummary("The person's browser sends Global Privacy Control")
        .WithDescription("Takes no body. Answered as any other decision; repeated, it changes nothing.");

    /// <summary>Whether a request carries the signal: <c>Sec-GPC: 1</c>, and no other value.</summary>
    internal static bool IsSent(HttpRequest request) => request.Headers["Sec-GPC"] is ["1"];

    private static async Task<Results<DecisionResult, ProblemHttpResult>> HandleAsync(
        string customerId, DocumentSession session, SubjectRefs refs, ConsentTelemetry telemetry, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!SubjectRefs.IsCustomerId(customerId)) return Problems.BadCustomerId();
        var subject = refs.Of(customerId);
        var sharing = (await session.QueryAsync<Purpose>("all", cancellationToken: cancellationToken)).Where(purpose => purpose is { Type: PurposeType.Sharing, IsConsentBased: true });
        var record = await session.LoadAsync<ConsentRecord>(subject, cancellationToken) ?? ConsentRecord.Empty(subject);
        var now = time.GetUtcNow();
        if (record.OptOut([.. sharing], now) is not { } change) return DecisionResult.Unchanged(record, named: false);
        telemetry.Decided(change.Narrowed.Count > 0 ? "narrowed" : "denied");
        return DecisionResult.Of(change, await RecordChange.StoreAsync(session, change, null, new DecisionSource(Channel), now, cancellationToken));
    }
}
