using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Recommendation.Domain;

namespace Personalization.Recommendation.Features;

/// <summary>
/// Takes what a person says of a signal or an item into their own history, which every answer reads: the next one heeds it, of whichever instance.
/// Models are without it as soon as they have followed the history.
/// </summary>
public static class GiveFeedback
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/recommendations/{customerId}/feedback", HandleAsync)
        .AllowRoles(Roles.Product, Roles.Subject)
        .WithSummary("Say: don't use this, less like this, forget this")
        .WithDescription(
            "feedback: dontUse, lessLike or forget; of a signal (as a reason names it) or of an itemId. dontUse and lessLike stand for the item also when "
            + "there are newer signals. forget erases the signal and refuses it, and every other about the item up to now, if it comes again.");

    public sealed record Request(Feedback Feedback, string? Signal = null, string? ItemId = null);

    private static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        string customerId, Request said, DocumentSession session, SubjectRefs subjects, IOptions<RecommendationOptions> options, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!SubjectRefs.IsCustomerId(customerId)) return Problems.BadCustomerId();
        if (said.Signal is null == said.ItemId is null || said.ItemId is not null && !Item.IsId(said.ItemId))
            return Problems.Of(StatusCodes.Status400BadRequest, "bad-feedback", "The feedback names nothing.", "Either a signal or an itemId.");

        var subject = subjects.Of(customerId);
        await session.PrefetchAsync([session.Key<SubjectGate>(subject), session.Key<SubjectHistory>(subject)], cancellationToken);
        var gate = await session.LoadAsync<SubjectGate>(subject, cancellationToken) ?? SubjectGate.Closed(subject);
        var history = await session.LoadAsync<SubjectHistory>(subject, cancellationToken);
        var now = time.GetUtcNow();
        var unknown = said is { Feedback: Feedback.LessLike, ItemId: { } itemId } ? EntryOf(itemId, gate, options.Value, now) : null;
        var next = SubjectHistory.Heed(
            history, said.Feedback, entry => said.ItemId is null ? entry.SignalId == said.Signal : entry.ItemId == said.ItemId, unknown, gate, now);

        // Of somebody unknown as of somebody who has done nothing with it.
        if (next is null) return Problems.NotFound("signal or item of the person");
        session.Store(next);
        session.Require<SubjectGate>(subject);
        return TypedResults.NoContent();
    }

    /// <summary>
    /// Of an item the person has done nothing with; null if they permit nothing. What they say is data about them as well: it belongs to the
    /// first category that they permit, and goes with it.
    /// </summary>
    private static HistoryEntry? EntryOf(string itemId, SubjectGate gate, RecommendationOptions options, DateTimeOffset now) =>
        gate.Grants.Where(grant => gate.Permits(options.Purpose, grant.Category, now, gate.Epoch, now)).Select(grant => grant.Category).Min(StringComparer.Ordinal) is { } category
            ? new HistoryEntry
            {
                SignalId = $"feedback-{itemId}",
                ItemId = itemId,
                Category = category,
                Purpose = options.Purpose,
                ConsentVersion = gate.Version,
                Time = now,
                ExpiresAt = now.AddDays(options.FeedbackDays),
            }
            : null;
}
