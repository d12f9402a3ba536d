using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>Which messages an operator replays, and why.</summary>
/// <param name="Reason">Why: 1 to 500 characters, no direct identifier.</param>
/// <param name="QuarantinedFor">Only those that are in quarantine for this reason; null: for any.</param>
/// <param name="From">Only those that came then or later; null: from the oldest on.</param>
/// <param name="Until">Only those that came earlier; null: up to the newest.</param>
/// <param name="After">The value of <c>next</c> of the request before.</param>
public sealed record ReplayRequest(string Reason, string? QuarantinedFor = null, DateTimeOffset? From = null, DateTimeOffset? Until = null, string? After = null);

/// <summary>What became of them.</summary>
/// <param name="Accepted">Stored, now or before.</param>
/// <param name="Refused">Resolved too: nothing of these is stored, by reason.</param>
/// <param name="StillMalformed">No events; they stay in quarantine.</param>
/// <param name="Next">Value of <c>after</c> for the next request; null: none is left.</param>
public sealed record ReplayAnswer(int Accepted, IReadOnlyList<RefusedCount> Refused, int StillMalformed, string? Next);

/// <summary>
/// Replays what waits in quarantine by its reason and time, after the store was down for example: a page a request, with one read and one write. Each
/// is decided on, and told of, as if it were replayed by itself.
/// </summary>
internal static class ReplayQuarantine
{
    private const int Page = 200;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/quarantine/replay", HandleAsync)
        .AllowRoles(Roles.Operator)
        .ShowsNobody()
        .WithSummary("Replay up to 200 messages by reason and time; repeat with after = next until it is null");

    private static async Task<Results<Ok<ReplayAnswer>, ProblemHttpResult>> HandleAsync(
        ReplayRequest request, ServiceModule module, DocumentSession session, DecideEvents decide, SubjectRefs refs, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!module.HasReplayedErasures) return Problems.ErasuresMissed();
        if (!module.Lease.IsValid) return Problems.ConsentUnknown();
        if (!ResolveQuarantined.IsReason(request.Reason)) return ResolveQuarantined.BadReason();

        // Places are in the order of time, and the end of one is a key that no message has.
        var from = request.From is { } first ? Json.FormatTime(first) : "";
        var rows = await session.QueryRowsAsync<QuarantinedMessage>(
            "waiting", after: string.CompareOrdinal(request.After, from) > 0 ? request.After : from, atMost: request.Until is { } end ? Json.FormatTime(end) : null, limit: Page,
            cancellationToken: cancellationToken);
        QuarantinedMessage[] chosen =
        [
            .. rows.Select(row => row.Document).OfType<QuarantinedMessage>().Where(message => request.QuarantinedFor is not { } reason || message.Reason == reason),
        ];
        var readable = chosen.Select(message => (Message: message, Event: ResolveQuarantined.Read(message, refs, out _))).Where(pair => pair.Event is not null).ToArray();
        var decided = await decide.DecideAsync([.. readable.Select(pair => pair.Event!)], session, cancellationToken);

        var now = time.GetUtcNow();
        foreach (var ((message, _), decision) in readable.Zip(decided)) ResolveQuarantined.Replay(message, decision, request.Reason, now, session);
        if (decided.Count > 0) session.Store(EventCounts.Of(readable.Zip(decided, (pair, decision) => new CountedEvent(pair.Message.Type, pair.Message.Source, decision)), now));
        return TypedResults.Ok(new ReplayAnswer(
            decided.Count(decision => decision.Outcome != EventOutcome.Refused),
            [.. decided.Where(decision => decision.Outcome == EventOutcome.Refused).CountBy(decision => decision.Reason!).Select(count => new RefusedCount(count.Key, count.Value)).OrderBy(count => count.Reason, StringComparer.Ordinal)],
            chosen.Length - readable.Length,
            rows.Count < Page ? null : rows[^1].Value));
    }
}
