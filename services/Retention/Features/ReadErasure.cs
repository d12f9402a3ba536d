using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Contracts.Retention;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Retention.Domain;

namespace Personalization.Retention.Features;

/// <summary>A case and its receipts, without who it is about.</summary>
public static class ReadErasure
{
    private const int MostRefused = 100;

    /// <summary>Maps the endpoint.</summary>
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/erasures/{caseId}", HandleAsync)
        .AllowRolesAndAnyPerson(Roles.Officer, Roles.Operator, Roles.Product, Roles.Auditor)
        .ShowsStaff("erasure-case", ["pseudonym"])
        .WithSummary("An erasure case with its receipts");

    /// <summary>A case by its id, or by that of the demand it carries out.</summary>
    internal static async Task<ErasureCase?> LoadCaseAsync(this DocumentSession session, string caseId, CancellationToken cancellationToken)
    {
        var erasure = await session.LoadAsync<ErasureCase>(caseId, cancellationToken);
        return erasure?.CoolingOff?.ContinuedAs is { } continued ? await session.LoadAsync<ErasureCase>(continued, cancellationToken) : erasure;
    }

    private static async Task<Results<Ok<ErasureView>, ProblemHttpResult>> HandleAsync(
        string caseId, ClaimsPrincipal caller, StaffRead read, SubjectRefs refs, DocumentSession session, TimeProvider time, CancellationToken cancellationToken)
    {
        // Somebody else's is, to a person, one that doesn't exist.
        if (await session.LoadCaseAsync(caseId, cancellationToken) is not { } erasure || caller.IsSomebodyElse(erasure.SubjectRef, refs)) return Problems.NotFound("erasure case");
        read.SubjectRef = erasure.SubjectRef;
        var refused = await session.QueryAsync<RefusedReceipt>("case", equalTo: erasure.Id, limit: MostRefused, cancellationToken: cancellationToken);
        return TypedResults.Ok(ErasureView.Of(erasure, time.GetUtcNow(), refused));
    }
}

/// <summary>A case as callers see it.</summary>
/// <param name="CaseId">Its id.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Reason">Why it was opened.</param>
/// <param name="OpenedAt">UTC.</param>
/// <param name="DueAt">By when the law wants it done, UTC.</param>
/// <param name="IsDueEstimated">Whether that was counted through a year whose days off the government hasn't moved yet, or not that is known here.</param>
/// <param name="IsOverdue">Whether that is over, and somebody hasn't answered.</param>
/// <param name="CompletedAt">UTC; absent while it is open.</param>
/// <param name="CancellableUntil">Until when the demand can be taken back, UTC; absent: it can't.</param>
/// <param name="CancelledAt">When it was, UTC; absent if it wasn't.</param>
/// <param name="Participants">Who has to answer.</param>
/// <param name="Awaiting">Those of them without a receipt, or whose receipt tells of a failure or a residue.</param>
/// <param name="Receipts">One a participant.</param>
/// <param name="Order">Which authority ordered it, and by what; absent: none did.</param>
/// <param name="Refused">What came for this case and was no receipt; absent if nothing did, and in lists.</param>
public sealed record ErasureView(
    string CaseId, ErasureState State, ErasureReason Reason, DateTimeOffset OpenedAt, DateTimeOffset DueAt, bool IsDueEstimated, bool IsOverdue, DateTimeOffset? CompletedAt,
    DateTimeOffset? CancellableUntil, DateTimeOffset? CancelledAt, IReadOnlyList<string> Participants, IReadOnlyList<string> Awaiting, IReadOnlyList<ErasureReceiptView> Receipts, string? Order, IReadOnlyList<RefusedReceiptView>? Refused)
{
    /// <summary>The view of a case.</summary>
    public static ErasureView Of(ErasureCase erasure, DateTimeOffset now, IReadOnlyList<RefusedReceipt> refused) => new(
        erasure.Id, erasure.State, erasure.Reason, erasure.OpenedAt, erasure.DueAt, erasure.IsDueEstimated, erasure.IsOverdue(now), erasure.CompletedAt, erasure.CancellableUntil,
        erasure.CoolingOff?.CancelledAt, erasure.Expected, erasure.Awaiting,
        [.. erasure.Receipts.Select(receipt => new ErasureReceiptView(
            receipt.Participant, receipt.ErasedAt, receipt.Erased, receipt.Retained, receipt.Residual, receipt.ModelVersion, receipt.Failure))],
        erasure.Order, refused.Count == 0 ? null : [.. refused.Select(RefusedReceiptView.Of)]);
}

/// <summary>What a participant did.</summary>
/// <param name="Participant">The service.</param>
/// <param name="ErasedAt">UTC.</param>
/// <param name="Erased">Per store and category.</param>
/// <param name="Retained">What was kept, and by what right.</param>
/// <param name="Residual">What was searched afterwards, and what was found.</param>
/// <param name="ModelVersion">The model without the person, where there is one.</param>
/// <param name="Failure">Why it could not be done; absent if it was.</param>
public sealed record ErasureReceiptView(
    string Participant, DateTimeOffset ErasedAt, IReadOnlyList<ErasedData> Erased, IReadOnlyList<RetainedData> Retained, IReadOnlyList<ResidualScan> Residual, string? ModelVersion,
    string? Failure);
