using System.Text.Json;
using Microsoft.Extensions.Options;
using Personalization.Contracts.Recommendation;
using Personalization.Platform;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Recommendation.Domain;

namespace Personalization.Recommendation;

/// <summary>
/// Recommends from what a person permits at this moment. Whoever permits nothing, is not known or was erased gets the same list as everybody, in
/// the same form to the last byte.
/// </summary>
public sealed class Recommender(
    ServiceModule module,
    SubjectRefs subjects,
    ServedModel served,
    ItemModel model,
    Trending trending,
    ItemCatalog catalog,
    OpenedHistories opened,
    AnswerCounts counts,
    RecommendationTelemetry telemetry,
    IOptions<RecommendationOptions> options,
    TimeProvider time)
{
    private const int ReasonsPerItem = 3;

    // Diversity needs something to choose from.
    private const int CandidatesPerItem = 3;
    private const int FewestCandidates = 20;

    // Of the catalogue's items tried for one that is shown by chance; few are known or can't be shown.
    private const int ChancesPerItem = 20;

    // Of the list for everybody, by placement, length and language.
    private const int MostLists = 16;

    private static readonly Placement Undeclared = new() { Id = Placement.Default };

    private readonly RecommendationOptions options = options.Value;
    private readonly KeptAnswers<ListSource> lists = new(MostLists);

    /// <summary>An answer for each, in order, made from one read of the store; null if there is no such placement.</summary>
    public async Task<IReadOnlyList<PreparedAnswer>?> AnswerAsync(
        IReadOnlyList<string> customerIds, string? placementId, int? limit, ReasonTexts texts, DocumentSession session, CancellationToken cancellationToken)
    {
        var startedAt = time.GetTimestamp();
        string[] persons = [.. customerIds.Select(subjects.Of)];
        var wanted = placementId ?? Placement.Default;
        var narrowed = await session.PrefetchAsync(
            [.. persons.SelectMany(person => new[] { session.Key<SubjectGate>(person), session.Key<SubjectHistory>(person) }), session.Key<Placement>(wanted)],
            opened.HeldOf(persons, session),
            served.Narrowed,
            cancellationToken);
        var declared = await session.FindRowAsync<Placement>(wanted, cancellationToken);
        var placement = declared is not null ? await session.LoadAsync<Placement>(wanted, cancellationToken) : wanted == Placement.Default ? Undeclared : null;
        if (placement is null) return null;

        // The list for everybody is made from persons' data too: it waits for the model to be without those who left.
        await served.CatchUpAsync(narrowed, cancellationToken);
        AnswerOutcome? obstacle = !module.Lease.IsValid ? AnswerOutcome.ConsentUncertain : !served.IsBuilt ? AnswerOutcome.NoModel : null;
        var asked = new Asked(placement, limit ?? placement.Limit, texts, time.GetUtcNow());
        var row = (Id: wanted, Version: declared?.Version ?? 0);
        PreparedAnswer? everybody = null;
        var answers = new PreparedAnswer[persons.Length];
        for (var i = 0; i < answers.Length; i++)
        {
            var (outcome, personal) = obstacle is { } impersonal ? (impersonal, null) : await PersonalAsync(persons[i], row, asked, session, cancellationToken);
            answers[i] = personal ?? (everybody ??= ForEverybody(row, asked));
            counts.Add(placement.Id, outcome, answers[i]);
            telemetry.Answered(answers[i].Content.Personalized, time.GetElapsedTime(startedAt));
        }

        return answers;
    }

    /// <summary>What would be recommended to a person now where no placement is named, and why, in English; null if nothing personal would. Counts as no answer.</summary>
    public async Task<Recommendations?> ExplainAsync(SubjectGate gate, DocumentSession session, CancellationToken cancellationToken)
    {
        if (!module.Lease.IsValid || !served.IsBuilt) return null;
        var placement = await session.LoadAsync<Placement>(Placement.Default, cancellationToken) ?? Undeclared;
        await served.CatchUpAsync(cancellationToken);
        return (await MakeAsync(gate, new Asked(placement, placement.Limit, ReasonTexts.English, time.GetUtcNow()), session, cancellationToken)).Answer;
    }

    /// <summary>The answer made lately from the same, or a new one.</summary>
    private async ValueTask<(AnswerOutcome Outcome, PreparedAnswer? Answer)> PersonalAsync(
        string person, (string Id, long Version) placement, Asked asked, DocumentSession session, CancellationToken cancellationToken)
    {
        if (await session.FindRowAsync<SubjectGate>(person, cancellationToken) is not { } gateRow) return (AnswerOutcome.NoConsent, null);
        var historyRow = await session.FindRowAsync<SubjectHistory>(person, cancellationToken);
        var source = historyRow is null
            ? default
            : new AnswerSource(gateRow.Version, OpenedHistories.NameOf(historyRow), placement, asked.Limit, asked.Texts, model.Version, catalog.Changes);
        if (historyRow is not null && opened.FindAnswer(person, source, asked.Now) is { } kept) return (AnswerOutcome.Personalized, kept);

        var gate = (await session.LoadAsync<SubjectGate>(person, cancellationToken))!;
        var (outcome, made, until) = await MakeAsync(gate, asked, session, cancellationToken);
        if (made is null) return (outcome, null);
        var answer = new PreparedAnswer(made);
        opened.Keep(person, source with { Model = made.ModelVersion }, until, answer);
        return (outcome, answer);
    }

    private async ValueTask<(AnswerOutcome Outcome, Recommendations? Answer, DateTimeOffset Until)> MakeAsync(
        SubjectGate gate, Asked asked, DocumentSession session, CancellationToken cancellationToken)
    {
        // Nobody's history is opened without their permission.
        if (!gate.Allows(options.Purpose, asked.Now)) return (AnswerOutcome.NoConsent, null, default);
        var history = await opened.OpenAsync(gate.Id, session, cancellationToken);
        var until = catalog.StandsUntil(asked.Now);
        var usable = SubjectHistory.UsableOf(history, gate, options.Purpose, asked.Now);
        var answer = Personal(usable, gate, asked);
        if (usable.Until < until) until = usable.Until;
        if (Reranking.ChanceUntil(asked.Now) is var tomorrow && tomorrow < until) until = tomorrow;
        return (answer is null ? AnswerOutcome.NothingUsable : AnswerOutcome.Personalized, answer, until);
    }

    /// <summary>Null if nothing the person permits speaks for any item.</summary>
    private Recommendations? Personal(UsableHistory usable, SubjectGate gate, Asked asked)
    {
        var known = new List<string>(usable.Entries.Count);
        var entries = new List<HistoryEntry>(usable.Entries.Count);
        foreach (var entry in usable.Entries)
        {
            var item = catalog.Find(entry.ItemId);
            if (entry.IsUnwanted || item is not { Repeatable: true }) known.Add(entry.ItemId);

            // What is sensitive is no reason either: neither named, nor counted.
            if ((entry.IsLiking(options.PositiveFrom) || entry.IsUnwanted) && (asked.Placement.AllowSensitive || item is not { Sensitive: true })) entries.Add(entry);
        }

        if (entries.Count > options.ScoredLikings) entries.RemoveRange(0, entries.Count - options.ScoredLikings);
        var likings = entries.ConvertAll(entry => new WeightedLiking(entry.ItemId, entry.IsUnwanted ? -1 : 1));
        var best = model.Recommend(likings, known, itemId => IsShown(itemId, asked), Math.Max(FewestCandidates, asked.Limit * CandidatesPerItem));
        if (best.Items.Count == 0) return null;
        var chosen = Reranking.Diversify(best.Items, item => item.Score, item => catalog.Find(item.ItemId), asked.Placement.Diversity, asked.Limit);
        var items = new List<RecommendedItem>(chosen.Count);
        foreach (var item in chosen)
        {
            var reasons = best.Explain(item, ReasonsPerItem).Select(contribution => ReasonOf(entries[contribution.Liking], contribution.Share));
            items.Add(new RecommendedItem(item.ItemId, Math.Round(item.Score, 4), catalog.Find(item.ItemId)?.Title, [.. reasons]));
        }

        Explore(items, gate.Id, known, asked);
        return new Recommendations(true, best.Version, gate.Version, items);

        Reason ReasonOf(HistoryEntry liking, double share) => new(
            ReasonCode.OwnSignal, asked.Texts.Because(catalog.Find(liking.ItemId)?.Title ?? liking.ItemId), liking.SignalId, Math.Floor(share * 1000) / 1000, liking.Purpose, gate.Version);
    }

    /// <summary>Puts items of the catalogue that nothing speaks for in the place of the last ones.</summary>
    private void Explore(List<RecommendedItem> items, string person, List<string> known, Asked asked)
    {
        var all = catalog.All;
        if (asked.Placement.ExplorationShare == 0 || all.Count == 0) return;
        var chance = Reranking.ChanceOf(person, asked.Placement.Id, asked.Now);

        // The fraction by chance too, so that a short list has its share on average.
        var wanted = (int)((items.Count * asked.Placement.ExplorationShare) + chance.NextDouble());
        var taken = items.Select(item => item.ItemId).Concat(known).ToHashSet();
        var found = new List<RecommendedItem>(wanted);
        for (var tries = wanted * ChancesPerItem; tries > 0 && found.Count < wanted; tries--)
        {
            var item = all[chance.Next(all.Count)];
            if (asked.Placement.Shows(item, asked.Now) && taken.Add(item.Id))
                found.Add(new RecommendedItem(item.Id, 0, item.Title, [new Reason(ReasonCode.Chance, asked.Texts.ByChance)]));
        }

        items.RemoveRange(items.Count - found.Count, found.Count);
        foreach (var item in found) items.Insert(chance.Next(items.Count + 1), item);
    }

    /// <summary>The list made lately from the same, or a new one.</summary>
    private PreparedAnswer ForEverybody((string Id, long Version) placement, Asked asked)
    {
        var trends = trending.Ranking(asked.Now);
        var source = new ListSource(placement, asked.Limit, asked.Texts, model.Version, catalog.Changes, trends);
        if (lists.Find(source, asked.Now) is { } kept) return kept;
        var until = catalog.StandsUntil(asked.Now);
        var made = new PreparedAnswer(MakeForEverybody(trends, asked));
        lists.Keep(source with { Model = made.Content.ModelVersion }, until, made);
        return made;
    }

    /// <summary>What many liked lately, then what most like, then whatever there is: never empty while the catalogue has something to show.</summary>
    private Recommendations MakeForEverybody(IReadOnlyList<(string ItemId, double Score)> trends, Asked asked)
    {
        var version = model.Content.Version;
        var wanted = Math.Max(FewestCandidates, asked.Limit * CandidatesPerItem);
        var candidates = trends.Where(item => IsShown(item.ItemId, asked)).Take(wanted).ToArray();
        var chosen = Reranking.Diversify(candidates, item => item.Score, item => catalog.Find(item.ItemId), asked.Placement.Diversity, asked.Limit);
        Reason[] liked = [new Reason(ReasonCode.LikedByMany, asked.Texts.ForEverybody)];
        List<RecommendedItem> items = [.. chosen.Select(item => new RecommendedItem(item.ItemId, Math.Round(item.Score), catalog.Find(item.ItemId)?.Title, liked))];
        if (items.Count == asked.Limit) return new Recommendations(false, version, null, items);

        var listed = items.Select(item => item.ItemId).ToHashSet();
        foreach (var (itemId, persons) in model.Popular(wanted).Items)
        {
            if (items.Count == asked.Limit) break;
            if (IsShown(itemId, asked) && listed.Add(itemId)) items.Add(new RecommendedItem(itemId, persons, catalog.Find(itemId)?.Title, liked));
        }

        Reason[] there = [new Reason(ReasonCode.Catalogue, asked.Texts.FromCatalogue)];
        foreach (var item in catalog.All)
        {
            if (items.Count == asked.Limit) break;
            if (asked.Placement.Shows(item, asked.Now) && listed.Add(item.Id)) items.Add(new RecommendedItem(item.Id, 0, item.Title, there));
        }

        return new Recommendations(false, version, null, items);
    }

    /// <summary>An item that the catalogue never had can be shown where any can.</summary>
    private bool IsShown(string itemId, Asked asked) => catalog.Find(itemId) is { } item
        ? asked.Placement.Shows(item, asked.Now)
        : asked.Placement.AllowedTopics.Count == 0 && !catalog.IsRemoved(itemId);

    private readonly record struct Asked(Placement Placement, int Limit, ReasonTexts Texts, DateTimeOffset Now);

    /// <summary>All that the list for everybody is made from, but the time: as <see cref="AnswerSource"/>, and what many liked lately.</summary>
    private readonly record struct ListSource(
        (string Id, long Version) Placement, int Limit, ReasonTexts Texts, string Model, long Catalogue, IReadOnlyList<(string ItemId, double Score)> Trends);
}

/// <summary>An answer, with what is made from it each time it is given.</summary>
public sealed class PreparedAnswer(Recommendations content)
{
    private byte[]? json;

    public Recommendations Content => content;

    /// <summary>How many reasons of each kind it has.</summary>
    public IReadOnlyList<(ReasonCode Code, int Count)> Reasons { get; } =
        [.. content.Items.SelectMany(item => item.Reasons).CountBy(reason => reason.Code).Select(counted => (counted.Key, counted.Value))];

    /// <summary>The body of a response with it.</summary>
    public ReadOnlyMemory<byte> Json(JsonSerializerOptions options) => json ??= JsonSerializer.SerializeToUtf8Bytes(content, options);
}

/// <summary>What is answered about a person.</summary>
/// <param name="Personalized">Whether the person's own data was used.</param>
/// <param name="ModelVersion">The model that answered.</param>
/// <param name="ConsentVersion">The consent that permitted it; absent unless personalized.</param>
public sealed record Recommendations(bool Personalized, string ModelVersion, long? ConsentVersion, IReadOnlyList<RecommendedItem> Items);

/// <param name="Score">What speaks for it; in the list for everybody, persons; 0 where nothing is known.</param>
/// <param name="Title">Absent for an item that the catalogue doesn't know.</param>
public sealed record RecommendedItem(string ItemId, double Score, string? Title, IReadOnlyList<Reason> Reasons);

/// <param name="Code">The kind of reason, in whatever language the text is.</param>
/// <param name="Text">A plain sentence.</param>
/// <param name="Signal">The person's own signal that speaks for the item.</param>
/// <param name="Share">Its part of the score, rounded down.</param>
/// <param name="Purpose">What the person permitted it for.</param>
/// <param name="ConsentVersion">With which consent.</param>
public sealed record Reason(ReasonCode Code, string Text, string? Signal = null, double? Share = null, string? Purpose = null, long? ConsentVersion = null);
