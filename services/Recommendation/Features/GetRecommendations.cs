using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Recommendation.Domain;

namespace Personalization.Recommendation.Features;

/// <summary>
/// Recommends from what the person permits at this moment. Whoever permits nothing, is not known or was erased gets the same list as
/// everybody, in the same form to the last byte.
/// </summary>
public static class GetRecommendations
{
    private const int DefaultLimit = 10;
    private const int MostItems = 100;
    private const int ReasonsPerItem = 3;
    private static readonly Reason TheSame = new("Liked by many people; this list is the same for everybody and uses nothing about you.");

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/recommendations/{customerId}", HandleAsync)
        .AllowRoles(Roles.Product, Roles.Operator, Roles.Subject)
        .WithSummary("Recommendations for a person, with reasons");

    /// <param name="Personalized">Whether the person's own data was used.</param>
    /// <param name="ModelVersion">The model that answered.</param>
    /// <param name="ConsentVersion">The consent that permitted it; absent unless personalized.</param>
    public sealed record Response(bool Personalized, string ModelVersion, long? ConsentVersion, IReadOnlyList<RecommendedItem> Items);

    /// <param name="Title">Absent for an item that the catalogue doesn't know.</param>
    public sealed record RecommendedItem(string ItemId, double Score, string? Title, IReadOnlyList<Reason> Reasons);

    /// <param name="Text">A plain sentence.</param>
    /// <param name="Signal">The person's own signal that speaks for the item.</param>
    /// <param name="Share">Its part of the score, rounded down.</param>
    /// <param name="Purpose">What the person permitted it for.</param>
    /// <param name="ConsentVersion">With which consent.</param>
    public sealed record Reason(string Text, string? Signal = null, double? Share = null, string? Purpose = null, long? ConsentVersion = null);

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> HandleAsync(
        string customerId,
        int? limit,
        ServiceModule module,
        DocumentSession session,
        SubjectRefs subjects,
        ServedModel served,
        ItemModel model,
        ItemCatalog catalog,
        RecommendationTelemetry telemetry,
        IOptions<RecommendationOptions> options,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (!SubjectRefs.IsCustomerId(customerId)) return Problems.BadCustomerId();
        if (limit is < 1 or > MostItems)
            return Problems.Of(StatusCodes.Status400BadRequest, "bad-limit", "The limit is out of range.", $"1 to {MostItems}; {DefaultLimit} if left out.");

        var startedAt = time.GetTimestamp();
        var subject = subjects.Of(customerId);
        await session.PrefetchAsync([session.Key<SubjectGate>(subject), session.Key<SubjectHistory>(subject)], cancellationToken);
        var gate = await session.LoadAsync<SubjectGate>(subject, cancellationToken) ?? SubjectGate.Closed(subject);
        var history = await session.LoadAsync<SubjectHistory>(subject, cancellationToken);

        // The list for everybody is made from persons' data too: it waits for the model to be without those who left.
        await served.CatchUpAsync(cancellationToken);
        var usable = module.Lease.IsValid && served.IsBuilt
            ? SubjectHistory.UsableOf(history, gate, options.Value.Purpose, time.GetUtcNow())
            : UsableHistory.Nothing;

        var count = limit ?? DefaultLimit;
        var now = time.GetUtcNow();
        var answer = Personal(usable, gate, model, options.Value, count, catalog, now) ?? ForEverybody(model, count, catalog, now);
        telemetry.Answered(answer.Personalized, time.GetElapsedTime(startedAt));
        return TypedResults.Ok(answer);
    }

    /// <summary>Null if nothing the person permits speaks for any item.</summary>
    private static Response? Personal(UsableHistory usable, SubjectGate gate, ItemModel model, RecommendationOptions options, int count, ItemCatalog catalog, DateTimeOffset now)
    {
        var likings = usable.Entries.Where(entry => entry.IsLiking(options.PositiveFrom) && IsSpeakable(entry.ItemId)).TakeLast(options.ScoredLikings).ToArray();
        if (likings.Length == 0) return null;
        var weighted = likings.Select(entry => new WeightedLiking(entry.ItemId, 1)).ToArray();
        var known = usable.Entries.Select(entry => entry.ItemId).Where(itemId => catalog.Find(itemId) is not { Repeatable: true }).ToHashSet();
        var (version, best) = FirstThat(limit => model.Recommend(weighted, known, limit, ReasonsPerItem), item => item.ItemId, count, catalog, now);
        if (best.Count == 0) return null;
        return new Response(true, version, gate.Version, [.. best.Select(item => new RecommendedItem(
            item.ItemId,
            Math.Round(item.Score, 4),
            catalog.Find(item.ItemId)?.Title,
            [.. item.Contributions.Select(contribution => ReasonOf(likings[contribution.Liking], contribution.Share))]))]);

        // What is sensitive is no reason either: neither named, nor counted.
        bool IsSpeakable(string itemId) => catalog.Find(itemId) is not { Sensitive: true };

        Reason ReasonOf(HistoryEntry liking, double share) => new(
            $"Because of “{catalog.Find(liking.ItemId)?.Title ?? liking.ItemId}”: people who liked it liked this too.",
            liking.SignalId,
            Math.Floor(share * 1000) / 1000,
            liking.Purpose,
            gate.Version);
    }

    private static Response ForEverybody(ItemModel model, int count, ItemCatalog catalog, DateTimeOffset now)
    {
        var (version, popular) = FirstThat(model.Popular, item => item.ItemId, count, catalog, now);
        return new Response(false, version, null, [.. popular.Select(item => new RecommendedItem(
            item.ItemId, item.Persons, catalog.Find(item.ItemId)?.Title, [TheSame]))]);
    }

    /// <summary>The best of those that can be recommended now; asks for more as long as too many can't.</summary>
    private static (string Version, IReadOnlyList<T> Items) FirstThat<T>(
        Func<int, (string Version, IReadOnlyList<T> Items)> ask, Func<T, string> idOf, int count, ItemCatalog catalog, DateTimeOffset now)
    {
        for (var limit = count; ; limit *= 4)
        {
            var (version, items) = ask(limit);
            T[] eligible = [.. items.Where(item => IsEligible(idOf(item))).Take(count)];
            if (eligible.Length == count || items.Count < limit) return (version, eligible);
        }

        bool IsEligible(string itemId) => catalog.Find(itemId) is { } item ? item.IsAvailable(now) && !item.Sensitive : !catalog.IsRemoved(itemId);
    }
}
