using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;
using Personalization.Retention.Domain;

namespace Personalization.Retention.Features;

/// <summary>An operator has removed what a participant failed on, and doesn't wait for the next sending.</summary>
internal static class RetryErasure
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/erasures/{caseId}/retry", HandleAsync)
        .AllowRoles(Roles.Officer, Roles.Operator)
        .ShowsStaff("erasure-case", ["pseudonym"])
        .WithSummary("Send an erasure case to its participants again, now")
        .WithDescription("For a case that waits for somebody or has failed; it is sent again by itself too, at growing intervals. Otherwise 409 erasure-finished.");

    private static async Task<Results<Ok<ErasureView>, ProblemHttpResult>> HandleAsync(
        string caseId, StaffRead read, OpenErasureCase cases, DocumentSession session, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await session.LoadCaseAsync(caseId, cancellationToken) is not { } erasure) return Problems.NotFound("erasure case");
        read.SubjectRef = erasure.SubjectRef;
        if (!erasure.IsWaiting || erasure.CoolingOff is not null) return Problems.Of(StatusCodes.Status409Conflict, "erasure-finished", "The case waits for nobody.", "GET /erasures/{caseId} shows where it stands.");
        var now = time.GetUtcNow();
        return TypedResults.Ok(ErasureView.Of(await cases.SendAsync(erasure, now, session, cancellationToken), now, []));
    }
}
