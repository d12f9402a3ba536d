using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Consent.Domain;
using Personalization.Contracts.Consent;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>Ends a restriction: what is still permitted is used again, as if nothing had been. Who placed it may lift it, and an officer may lift any but the one that belongs to a demand to be forgotten.</summary>
internal static class LiftRestriction
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapDelete("/restrictions/{restrictionId}", HandleAsync)
        .AllowRolesAndAnyPerson(Roles.Product, Roles.Officer, Roles.Service)
        .ShowsStaff("restriction", ["consent", "pseudonym"])
        .WithSummary("Lift a restriction")
        .WithDescription("What is still permitted is used again, with what was held all the time. One that an officer placed is lifted by an officer.");

    private static async Task<Results<RestrictionResult, ProblemHttpResult>> HandleAsync(
        string restrictionId, ClaimsPrincipal caller, DocumentSession session, SubjectRefs refs, ConsentTelemetry telemetry, TimeProvider time, CancellationToken cancellationToken)
    {
        // Somebody else's is, to a person, one that doesn't exist.
        if (await session.LoadAsync<Restriction>(restrictionId, cancellationToken) is not { } restriction || caller.IsSomebodyElse(restriction.SubjectRef, refs)) return Problems.NotFound("restriction");
        var officer = caller.Role == Roles.Officer ? caller.ReaderOf(refs) : null;
        if (officer is null && caller.Role == Roles.Officer) return Problems.ReaderUnknown();
        if (restriction.PlacedBy == Roles.Officer && officer is null)
            return Problems.Of(StatusCodes.Status403Forbidden, "placed-by-officer", "An officer placed the restriction.", "An officer lifts it, when its reason is over.");

        if (restriction.Reason == RestrictionReason.ErasurePending && caller.Role != Roles.Service)
            return Problems.Of(StatusCodes.Status403Forbidden, "erasure-pending", "The person demanded to be forgotten.", "Cancel that, and use goes on: POST /erasures/{caseId}/cancel.");

        telemetry.Decided("unrestricted");
        return new RestrictionResult(restriction, await LiftAsync(restriction, caller.Role, officer, session, time.GetUtcNow(), cancellationToken));
    }

    /// <summary>Lifts one that stands.</summary>
    /// <param name="restriction">Which.</param>
    /// <param name="role">The role of who lifts it; null: its time is over.</param>
    /// <param name="officer">Of an officer, a keyed hash of who.</param>
    /// <param name="session">The session.</param>
    /// <param name="now">The current time.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<DecisionResult> LiftAsync(
        Restriction restriction, string? role, string? officer, DocumentSession session, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var record = await session.LoadAsync<ConsentRecord>(restriction.SubjectRef, cancellationToken) ?? ConsentRecord.Empty(restriction.SubjectRef);
        session.Delete<Restriction>(restriction.Id);
        session.Publish(new RestrictionLifted
        {
            RestrictionId = restriction.Id,
            SubjectRef = restriction.SubjectRef,
            Version = record.Version + 1,
            LiftedBy = role,
            Officer = officer,
            LiftedAt = now,
        });
        var change = record.Lift(restriction.Id, now);
        var entry = await RecordChange.StoreAsync(session, change, ChangeKind.Granted, new DecisionSource("restriction-lifted"), now, cancellationToken);
        return new DecisionResult(change.Record, entry.ReceiptId, null, isNarrowing: false);
    }
}
