using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Consent.Domain;
using Personalization.Contracts.Consent;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>A person takes a purpose back. Unconditional: no ETag, no notice, no reason.</summary>
internal static class RevokeConsent
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapDelete("/consents/{customerId}/{purpose}", HandleAsync)
        .AllowRoles(Roles.Product, Roles.Subject, Roles.Service)
        .Repeatable<DecisionResult>()
        .WithSummary("Revoke a purpose")
        .WithDescription("200: nothing that starts from now on uses the person's data for it, in any service; 202 names the services not heard of yet.");

    private static async Task<Results<DecisionResult, ProblemHttpResult>> HandleAsync(
        string customerId, string purpose, DocumentSession session, SubjectRefs refs, ConsentTelemetry telemetry, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!SubjectRefs.IsCustomerId(customerId)) return Problems.BadCustomerId();
        if (await session.LoadAsync<Purpose>(purpose, cancellationToken) is null) return Refusals.UnknownPurpose.ToProblem();
        return await RevokeAsync(refs.Of(customerId), purpose, new DecisionSource("api"), session, telemetry, time, cancellationToken);
    }

    internal static async Task<DecisionResult> RevokeAsync(
        string subject, string? purpose, DecisionSource source, DocumentSession session, ConsentTelemetry telemetry, TimeProvider time, CancellationToken cancellationToken)
    {
        await session.PrefetchAsync([session.Key<ConsentRecord>(subject), session.Key<RetentionPeriods>(RetentionPeriods.Only)], cancellationToken);
        var record = await session.LoadAsync<ConsentRecord>(subject, cancellationToken) ?? ConsentRecord.Empty(subject);
        var now = time.GetUtcNow();
        if (record.Revoke(purpose, now) is not { } change)
        {
            return DecisionResult.Unchanged(record, named: purpose is null
                || record.Decisions.Any(decision => decision.Purpose == purpose && decision.Decision == ConsentDecision.Revoked));
        }

        telemetry.Decided("narrowed");
        return DecisionResult.Of(change, await RecordChange.StoreAsync(session, change, ChangeKind.Revoked, source, now, cancellationToken));
    }
}
