using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Personalization.Contracts.Retention;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Retention.Domain;

namespace Personalization.Retention.Features;

/// <summary>A person demands to be forgotten: everything they permit is revoked first, so the demand is in force everywhere before anything is erased.</summary>
public static class RequestErasure
{
    /// <summary>Maps the endpoint.</summary>
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/erasures", HandleAsync)
        .AllowRolesAndAnyPerson(Roles.Officer, Roles.Operator, Roles.Product)
        .ShowsNobody()
        .WithSummary("Demand that a person is forgotten");

    private static async Task<Results<Accepted<RequestedErasure>, ProblemHttpResult>> HandleAsync(
        ErasureRequest request, ClaimsPrincipal caller, ConsentClient consents, SubjectRefs subjects, OpenErasureCase cases, DocumentSession session, IOptions<RetentionOptions> options, TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (!SubjectRefs.IsCustomerId(request.CustomerId)) return Problems.BadCustomerId();
        if (caller.IsSomebodyElse(request.CustomerId))
            return Problems.Of(StatusCodes.Status403Forbidden, "forbidden", "The caller's role does not allow this.", "A person demands it for themselves.");
        if (request is not { Scope: "all", Reason: "requested" })
        {
            return Problems.Of(
                StatusCodes.Status400BadRequest, "bad-erasure-request", "The erasure can't be requested like this.", "The scope is 'all' and the reason 'requested'.");
        }

        var revoked = await consents.RevokeAllAsync(request.CustomerId, cancellationToken);

        // Consent names the case of what it revoked, or of the last revocation; where there never was one, the demand gets a case all the same.
        var subjectRef = subjects.Of(request.CustomerId);
        var newest = ErasureCaseId.Of(subjectRef, revoked.Version);
        var caseId = revoked.CaseId ?? newest;
        var erasure = await session.LoadAsync<ErasureCase>(caseId, cancellationToken);
        if (erasure is null && caseId == newest)
            await cases.OpenAsync(subjectRef, revoked.Epoch, revoked.Version, wholeEpoch: true, [], ErasureReason.Requested, time.GetUtcNow(), session, cancellationToken, request.CustomerId);
        else if (erasure?.Demand(request.CustomerId, options.Value.Terms.DeadlineOf(ErasureReason.Requested, time.GetUtcNow())) is { } demanded)
            session.Store(demanded);

        // A case that isn't here yet is on its way in the consent stream.
        return TypedResults.Accepted($"/erasures/{caseId}", new RequestedErasure(caseId, erasure?.State ?? ErasureState.Awaiting));
    }

    /// <summary>Whom to forget.</summary>
    public sealed record ErasureRequest
    {
        /// <summary>The caller's id of the person.</summary>
        public required string CustomerId { get; init; }

        /// <summary>What: <c>all</c>.</summary>
        public string Scope { get; init; } = "all";

        /// <summary>Why: <c>requested</c>.</summary>
        public string Reason { get; init; } = "requested";
    }

    /// <summary>The case that documents it.</summary>
    public sealed record RequestedErasure(string CaseId, ErasureState State);
}
