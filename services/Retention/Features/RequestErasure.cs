using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Personalization.Contracts.Retention;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Retention.Domain;

namespace Personalization.Retention.Features;

/// <summary>
/// A person demands to be forgotten, or an authority orders it: everything they permit is revoked first, so the demand is in force everywhere before anything is erased. Where there is a cooling-off period, use is restricted
/// at once, and the rest follows when the period is over; an order waits for nothing.
/// </summary>
public static class RequestErasure
{
    private const int LongestOrder = 500;

    /// <summary>Maps the endpoint.</summary>
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/erasures", HandleAsync)
        .AllowRolesAndAnyPerson(Roles.Officer, Roles.Operator, Roles.Product)
        .ShowsNobody()
        .WithSummary("Demand that a person is forgotten")
        .WithDescription("With the reason ordered, for officers: order says which authority wants it by what, dueAt by when if the law doesn't. "
            + "With cancellableUntil in the answer, nothing is used from now on and nothing is erased until then: POST /erasures/{caseId}/cancel takes it back.");

    private static async Task<Results<Accepted<RequestedErasure>, ProblemHttpResult>> HandleAsync(
        ErasureRequest request, ClaimsPrincipal caller, SubjectRefs subjects, CarryOutDemands demands, DocumentSession session, IOptions<RetentionOptions> options, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!SubjectRefs.IsCustomerId(request.CustomerId)) return Problems.BadCustomerId();
        if (caller.IsSomebodyElse(request.CustomerId))
            return Problems.Of(StatusCodes.Status403Forbidden, "forbidden", "The caller's role does not allow this.", "A person demands it for themselves.");
        var now = time.GetUtcNow();
        var isWellFormed = request.Reason switch
        {
            "requested" => request is { Order: null, DueAt: null },
            "ordered" => !string.IsNullOrWhiteSpace(request.Order) && request.Order.Length <= LongestOrder && !(request.DueAt <= now),
            _ => false,
        };
        if (!isWellFormed || request.Scope != "all")
        {
            return Problems.Of(
                StatusCodes.Status400BadRequest, "bad-erasure-request", "The erasure can't be requested like this.",
                $"The scope is 'all' and the reason 'requested'; or 'ordered', with an order of 1 to {LongestOrder} characters and a dueAt in the future, if any.");
        }

        var isOrdered = request.Order is not null;
        if (isOrdered && !caller.IsInRole(Roles.Officer))
            return Problems.Of(StatusCodes.Status403Forbidden, "forbidden", "The caller's role does not allow this.", "An officer records what an authority orders.");
        var subjectRef = subjects.Of(request.CustomerId);
        var deadline = request.DueAt is { } dueAt
            ? new ErasureDeadline(dueAt.ToUniversalTime())
            : options.Value.Terms.DeadlineOf(isOrdered ? ErasureReason.Ordered : ErasureReason.Requested, now);
        var coolsOff = !isOrdered && options.Value.CoolingOffHours > 0;
        if (coolsOff && await session.QueryAsync<ErasureCase>("demanded", equalTo: subjectRef, limit: 1, cancellationToken: cancellationToken) is [var standing, ..]) return AnswerStanding(standing);
        var erasure = await demands.TakeAsync(
            new ErasureDemand
            {
                Id = Guid.CreateVersion7(now).ToString("N"),
                SubjectRef = subjectRef,
                CustomerId = request.CustomerId,
                Order = request.Order?.Trim(),
                DemandedAt = now,
                CancellableUntil = coolsOff ? now.AddHours(options.Value.CoolingOffHours) : null,
                Deadline = deadline,
                NextAt = now + CarryOutDemands.Again,
            },
            cancellationToken);
        return AnswerStanding(erasure);
    }

    // One that was cancelled is here as long as its restriction stands, which a new demand must not take for its own.
    private static Results<Accepted<RequestedErasure>, ProblemHttpResult> AnswerStanding(ErasureCase standing) => standing.State == ErasureState.Cancelled
        ? Problems.Of(StatusCodes.Status409Conflict, "erasure-being-cancelled", "An earlier demand is just being cancelled.", "Send it again in a moment.")
        : TypedResults.Accepted($"/erasures/{standing.Id}", new RequestedErasure(standing.Id, standing.State, standing.CancellableUntil));

    /// <summary>Whom to forget.</summary>
    public sealed record ErasureRequest
    {
        /// <summary>The caller's id of the person.</summary>
        public required string CustomerId { get; init; }

        /// <summary>What: <c>all</c>.</summary>
        public string Scope { get; init; } = "all";

        /// <summary>Why: <c>requested</c> by the person, or <c>ordered</c> by an authority.</summary>
        public string Reason { get; init; } = "requested";

        /// <summary>Which authority ordered it, and by what (number and date); with the reason <c>ordered</c> only.</summary>
        public string? Order { get; init; }

        /// <summary>By when the authority wants it done; absent: as soon as the law does. With the reason <c>ordered</c> only.</summary>
        public DateTimeOffset? DueAt { get; init; }
    }

    /// <summary>The case that documents it.</summary>
    /// <param name="CaseId">Its id.</param>
    /// <param name="State">Where it stands.</param>
    /// <param name="CancellableUntil">Until when it can be taken back, UTC; absent: it can't.</param>
    public sealed record RequestedErasure(string CaseId, ErasureState State, DateTimeOffset? CancellableUntil = null);
}
