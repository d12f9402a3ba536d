using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;
using Personalization.Retention.Domain;

namespace Personalization.Retention.Features;

/// <summary>An officer ends a hold: erasures that it kept open go on by themselves.</summary>
internal static class EndLegalHold
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapDelete("/legal-holds/{holdId}", HandleAsync)
        .AllowRoles(Roles.Officer)
        .ShowsStaff("legal-hold", ["pseudonym"])
        .WithSummary("End a legal hold")
        .WithDescription("What nothing justifies any more is erased, and its cases are completed. Ended again, it stays as it is.");

    private static async Task<Results<Ok<LegalHoldView>, ProblemHttpResult>> HandleAsync(
        string holdId, StaffRead read, ChangeLegalHolds holds, DocumentSession session, CancellationToken cancellationToken)
    {
        if (await session.LoadAsync<LegalHold>(holdId, cancellationToken) is not { } hold) return Problems.NotFound("legal hold");
        read.SubjectRef = hold.SubjectRef;
        if (hold.Stands) await holds.EndAsync(hold, session, cancellationToken);
        return TypedResults.Ok(LegalHoldView.Of(await session.LoadAsync<LegalHold>(holdId, cancellationToken) ?? hold));
    }
}
