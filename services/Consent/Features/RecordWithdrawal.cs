using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Consent.Domain;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>Body of <c>POST /consents/{customerId}/withdrawals</c>.</summary>
/// <param name="Channel"><c>paper</c> or <c>telephone</c>.</param>
/// <param name="Evidence">Where the letter or the note of the call is: a reference of 1 to 128 letters, digits and <c>. _ : / # -</c>, nothing of the person.</param>
/// <param name="ReceivedAt">When it was received; it counts from now.</param>
/// <param name="Purpose">What is withdrawn; null: everything.</param>
public sealed record RecordWithdrawalRequest(string Channel, string Evidence, DateTimeOffset ReceivedAt, string? Purpose = null);

/// <summary>
/// A person withdrew by letter or telephone, and the officer records it: a revocation like any other, in force from now. When it was received is
/// kept in the proof, beside the reference to where the evidence is.
/// </summary>
internal static class RecordWithdrawal
{
    private static readonly string[] Channels = ["paper", "telephone"];

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/consents/{customerId}/withdrawals", HandleAsync)
        .AllowRoles(Roles.Officer)
        .ShowsNobody()
        .Repeatable<DecisionResult>()
        .WithSummary("Record a withdrawal made on paper or by telephone");

    private static async Task<Results<DecisionResult, ProblemHttpResult>> HandleAsync(
        string customerId, RecordWithdrawalRequest request, DocumentSession session, SubjectRefs refs, ConsentTelemetry telemetry, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!SubjectRefs.IsCustomerId(customerId)) return Problems.BadCustomerId();
        if (request.Purpose is { } purpose && await session.LoadAsync<Purpose>(purpose, cancellationToken) is null) return Refusals.UnknownPurpose.ToProblem();
        if (!Channels.Contains(request.Channel)) return (Refusals.BadChannel with { Detail = "paper or telephone." }).ToProblem();
        if ((Refusals.OfEvidence(request.Evidence) ?? Refusals.OfFutureTime(request.ReceivedAt, time.GetUtcNow())) is { } refusal) return refusal.ToProblem();
        var source = new DecisionSource(request.Channel) { Evidence = request.Evidence, DecidedAt = request.ReceivedAt };
        return await RevokeConsent.RevokeAsync(refs.Of(customerId), request.Purpose, source, session, telemetry, time, cancellationToken);
    }
}
