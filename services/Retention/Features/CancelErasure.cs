using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Contracts.Retention;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Retention.Domain;

namespace Personalization.Retention.Features;

/// <summary>A person takes their demand back while it can be: what they permit is used again as before.</summary>
internal static class CancelErasure
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/erasures/{caseId}/cancel", HandleAsync)
        .AllowRolesAndAnyPerson(Roles.Officer, Roles.Operator, Roles.Product)
        .ShowsStaff("erasure-case", ["pseudonym"])
        .WithSummary("Take a demand to be forgotten back")
        .WithDescription("Until the cancellableUntil of the demand's answer. Cancelled again, it stays as it is; what has begun, or follows from a revocation, can't be cancelled: 409 erasure-not-cancellable.");

    private static async Task<Results<Ok<ErasureView>, ProblemHttpResult>> HandleAsync(
        string caseId, ClaimsPrincipal caller, StaffRead read, SubjectRefs refs, DocumentSession session, RetentionTelemetry telemetry, TimeProvider time, CancellationToken cancellationToken)
    {
        // Somebody else's is, to a person, one that doesn't exist.
        if (await session.LoadAsync<ErasureCase>(caseId, cancellationToken) is not { } erasure || caller.IsSomebodyElse(erasure.SubjectRef, refs)) return Problems.NotFound("erasure case");
        read.SubjectRef = erasure.SubjectRef;
        var now = time.GetUtcNow();
        if (erasure.State == ErasureState.Cancelled) return TypedResults.Ok(ErasureView.Of(erasure, now, []));
        if (erasure.Cancel(now) is not { } cancelled)
            return Problems.Of(StatusCodes.Status409Conflict, "erasure-not-cancellable", "The erasure can't be cancelled any more.", "GET /erasures/{caseId} shows where it stands.");

        session.Store(cancelled);
        session.Publish(new ErasureCancelled
        {
            CaseId = cancelled.Id,
            SubjectRef = cancelled.SubjectRef,
            CancelledBy = caller.Role,
            OpenedAt = cancelled.OpenedAt,
            CancelledAt = now,
        });
        telemetry.Changed(erasure, cancelled);
        return TypedResults.Ok(ErasureView.Of(cancelled, now, []));
    }
}
