using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Contracts.Profile;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>Why an operator decides so.</summary>
/// <param name="Reason">1 to 500 characters, no direct identifier.</param>
public sealed record QuarantineDecision(string Reason);

/// <summary>
/// Decides on a message in quarantine once and for all. A replay is decided on like an event that comes just then: by the consent, declarations and
/// rules of now. Asked again, it answers the same and does nothing.
/// </summary>
internal static class ResolveQuarantined
{
    private const int LongestReason = 500;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/quarantine/{id}/replay", ReplayAsync).WithName("ReplayQuarantined").AllowRoles(Roles.Operator).ShowsNobody().WithSummary("Decide on a message as if it came now");
        routes.MapPost("/quarantine/{id}/discard", DiscardAsync).WithName("DiscardQuarantined").AllowRoles(Roles.Operator).ShowsNobody().WithSummary("Delete a message");
    }

    private static async Task<Results<Ok<QuarantineItem>, ProblemHttpResult>> ReplayAsync(
        string id, QuarantineDecision decision, ServiceModule module, DocumentSession session, DecideEvents decide, SubjectRefs refs, TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (!module.HasReplayedErasures) return Problems.ErasuresMissed();
        if (!module.Lease.IsValid) return Problems.ConsentUnknown();
        if (!IsReason(decision.Reason)) return BadReason();
        if (await session.LoadAsync<QuarantinedMessage>(id, cancellationToken) is not { } message) return Problems.NotFound("message in quarantine");
        if (message.Body is null) return TypedResults.Ok(QuarantineItem.Of(message));

        if (Read(message, refs, out var refused) is not { } received)
        {
            return Problems.Of(
                StatusCodes.Status422UnprocessableEntity, "still-malformed", "The message is no event.", "It stays in quarantine. Discard it, or wait for a version that can read it.",
                [KeyValuePair.Create("reason", (object?)(refused ?? message.Reason))]);
        }

        var decided = (await decide.DecideAsync([received], session, cancellationToken))[0];
        var now = time.GetUtcNow();
        session.Store(EventCounts.Of([new CountedEvent(message.Type, message.Source, decided)], now));
        return TypedResults.Ok(Replay(message, decided, decision.Reason, now, session));
    }

    /// <summary>The event that a message is after all; null if it still is none.</summary>
    internal static ReceivedEvent? Read(QuarantinedMessage message, SubjectRefs refs, out string? refused)
    {
        refused = null;
        return ReceivedMessage.Of(message.Body).Event is { } json ? ReceivedEvent.Parse(json, refs, out refused) : null;
    }

    /// <summary>Resolves a message by what was decided on its event.</summary>
    internal static QuarantineItem Replay(QuarantinedMessage message, EventDecision decided, string because, DateTimeOffset now, DocumentSession session) =>
        Resolve(message, new QuarantineResolution(QuarantineAction.Replayed, because, now, decided.Outcome, decided.Reason), session);

    private static async Task<Results<Ok<QuarantineItem>, ProblemHttpResult>> DiscardAsync(
        string id, QuarantineDecision decision, DocumentSession session, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!IsReason(decision.Reason)) return BadReason();
        if (await session.LoadAsync<QuarantinedMessage>(id, cancellationToken) is not { } message) return Problems.NotFound("message in quarantine");
        return TypedResults.Ok(message.Body is null
            ? QuarantineItem.Of(message)
            : Resolve(message, new QuarantineResolution(QuarantineAction.Discarded, decision.Reason, time.GetUtcNow()), session));
    }

    private static QuarantineItem Resolve(QuarantinedMessage message, QuarantineResolution resolution, DocumentSession session)
    {
        var resolved = message.Resolve(resolution);
        session.Store(resolved);
        session.Publish(new QuarantineResolved
        {
            MessageId = message.Id,
            QuarantinedFor = message.Reason,
            Action = Word(resolution.Action),
            Because = resolution.Because,
            Outcome = resolution.Outcome is { } outcome ? Word(outcome) : null,
            OutcomeReason = resolution.Reason,
            ResolvedAt = resolution.At,
        });
        return QuarantineItem.Of(resolved);
    }

    private static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    internal static bool IsReason(string? reason) => reason is { Length: > 0 and <= LongestReason } && !string.IsNullOrWhiteSpace(reason) && !DirectIdentifier.IsIn(reason);

    internal static ProblemHttpResult BadReason() => Problems.Of(
        StatusCodes.Status400BadRequest, "bad-reason", "The reason can't be recorded.", $"1 to {LongestReason} characters that name nobody: no e-mail address, phone or document number.");
}
