using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Personalization.Platform;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Recommendation.Domain;

namespace Personalization.Recommendation;

/// <summary>
/// Keeps this instance's model to what the store permits. There is one way a person gets into it, changes in it or leaves it: their gate and
/// history are read from the store, and what the gate permits of the history replaces what the model holds of them.
/// </summary>
/// <remarks>
/// Instances share nothing but the store. What took something away has to be out before an answer that starts later, so each answer asks,
/// in its one read, for the gates narrowed since (<see cref="SubjectGate.NarrowedBy"/>, a query by index that is almost always empty). What adds may take
/// seconds: histories are followed by the time of their last change. The first pass over all histories is how a new instance builds its model.
/// </remarks>
public sealed partial class ServedModel(
    ServiceModule module,
    ItemModel model,
    Trending trending,
    OpenedHistories opened,
    RecommendationTelemetry telemetry,
    IOptions<RecommendationOptions> options,
    TimeProvider time,
    ILogger<ServedModel> logger) : IDisposable
{
    private const int GatePage = 1_000;
    private const int HistoryPage = 100;

    // A history is stamped before it is committed, by the clock of its instance. One that takes longer still joins the model with the
    // person's next signal, or at the next start.
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(10);

    private readonly RecommendationOptions options = options.Value;

    // Held while persons are read and put into the model, so that an older reading never replaces a newer one.
    private readonly SemaphoreSlim one = new(1);

    // Gates narrowed after that number of the consent stream that the model has taken into account: subject ref -> version of the document.
    private readonly ConcurrentDictionary<string, (long Version, string Narrowed)> applied = new();
    private long appliedThrough;

    // When something of a person ends without anybody writing it: an entry's or a grant's last moment.
    private readonly SortedSet<(DateTimeOffset At, string Person)> ends = [];
    private readonly Dictionary<string, DateTimeOffset> endOf = [];
    private long nextEnd = long.MaxValue;

    // Persons whose gate or history is not what was written: looked at again and again, as nobody tells when it was mended or swept.
    private readonly HashSet<string> unreadable = [];

    private readonly Dictionary<string, (long Version, string Changed)> followed = [];
    private string? followedThrough;
    private readonly TaskCompletionSource complete = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Solution? solution;
    private long solvingSince;

    /// <summary>Ends when all histories have been taken in once.</summary>
    public Task Complete => complete.Task;

    /// <summary>Whether the model has been solved from all of them. Before that nothing is personalized.</summary>
    public bool IsBuilt => solution is not null;

    /// <summary>The last solution, or null.</summary>
    public Solution? LastSolution => solution;

    /// <summary>When the solution began that is in the making, or null.</summary>
    public DateTimeOffset? SolvingSince => Interlocked.Read(ref solvingSince) is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>What finds the gates narrowed since this instance last knew everything.</summary>
    public DocumentQuery Narrowed => NarrowedAfter(Json.FormatNumber(Interlocked.Read(ref appliedThrough)));

    /// <summary>When it returns, nobody is in the model with data that a gate in the store stopped permitting before the call.</summary>
    public async Task CatchUpAsync(CancellationToken cancellationToken) => await CatchUpAsync(await module.Store.QueryAsync(Narrowed, cancellationToken), cancellationToken);

    /// <summary>The same, for who has read what <see cref="Narrowed"/> finds together with something else: before that reading instead of before the call.</summary>
    public async Task CatchUpAsync(IReadOnlyList<StoredDocument> narrowed, CancellationToken cancellationToken)
    {
        if (time.GetUtcNow().UtcTicks < Interlocked.Read(ref nextEnd) && narrowed.Count < GatePage && !narrowed.Any(IsPending)) return;
        await one.WaitAsync(cancellationToken);
        try
        {
            await ApplyNarrowedAsync(cancellationToken);
        }
        finally
        {
            one.Release();
        }
    }

    /// <summary>When it returns, the model holds of the person what the store did when it was called, or newer.</summary>
    public Task ReadAgainAsync(string person, CancellationToken cancellationToken) => RefreshAsync([person], cancellationToken);

    /// <summary>Takes in what was added and changed, by whichever instance.</summary>
    public async Task FollowAsync(CancellationToken cancellationToken)
    {
        opened.ForgetOld();
        await AdvanceAsync(cancellationToken);
        var next = Json.FormatTime(time.GetUtcNow() - Overlap);
        var after = followedThrough;
        IReadOnlyList<StoredDocument> page;
        do
        {
            page = await module.Store.QueryAsync(new DocumentQuery(RecommendationModule.Histories, "changed", After: after, Limit: HistoryPage), cancellationToken);
            var changed = page.Where(history => followed.GetValueOrDefault(history.Key.Id).Version != history.Version).ToArray();
            await RefreshAsync(changed.Select(history => history.Key.Id), cancellationToken);
            foreach (var history in changed.Where(history => string.CompareOrdinal(history.Fields["changed"], next) > 0))
                followed[history.Key.Id] = (history.Version, history.Fields["changed"]);
            if (page.Count > 0) after = page[^1].Fields["changed"];
        }
        while (page.Count == HistoryPage);

        followedThrough = next;
        foreach (var (person, seen) in followed)
        {
            if (string.CompareOrdinal(seen.Changed, next) <= 0) followed.Remove(person);
        }

        complete.TrySetResult();
    }

    /// <summary>Solves the model from what it holds now.</summary>
    public void Solve(CancellationToken cancellationToken)
    {
        var startedAt = time.GetTimestamp();
        Interlocked.Exchange(ref solvingSince, time.GetUtcNow().UtcTicks);
        try
        {
            model.Solve(cancellationToken);
            var solved = new Solution(time.GetUtcNow(), time.GetElapsedTime(startedAt));
            solution = solved;
            telemetry.Solved(solved.At, model.Content);
        }
        finally
        {
            Interlocked.Exchange(ref solvingSince, 0);
        }
    }

    public void Dispose() => one.Dispose();

    /// <summary>Moves the place up from which answers look for narrowed gates.</summary>
    private async Task AdvanceAsync(CancellationToken cancellationToken)
    {
        await one.WaitAsync(cancellationToken);
        try
        {
            // Read before the gates: every entry up to it is in them.
            var through = (await module.OpenSession().LoadAsync<ConsentPosition>(ConsentPosition.Only, cancellationToken))?.Through ?? 0;
            await ApplyNarrowedAsync(cancellationToken);
            foreach (var persons in unreadable.ToArray().Chunk(HistoryPage)) await ReadIntoModelAsync(persons, cancellationToken);
            Interlocked.Exchange(ref appliedThrough, through);
            var until = Json.FormatNumber(through);
            foreach (var (person, gate) in applied)
            {
                if (string.CompareOrdinal(gate.Narrowed, until) <= 0) applied.TryRemove(person, out _);
            }
        }
        finally
        {
            one.Release();
        }
    }

    /// <summary>With <see cref="one"/> held.</summary>
    private async Task ApplyNarrowedAsync(CancellationToken cancellationToken)
    {
        var startedAt = time.GetTimestamp();
        var forgot = false;
        var after = Json.FormatNumber(appliedThrough);
        IReadOnlyList<StoredDocument> page;
        do
        {
            page = await module.Store.QueryAsync(NarrowedAfter(after), cancellationToken);
            foreach (var pending in page.Where(IsPending).Chunk(HistoryPage))
            {
                await ReadIntoModelAsync([.. pending.Select(gate => gate.Key.Id)], cancellationToken);
                foreach (var gate in pending) applied[gate.Key.Id] = (gate.Version, gate.Fields["narrowed"]);
                forgot = true;
            }

            if (page.Count > 0) after = page[^1].Fields["narrowed"];
        }
        while (page.Count == GatePage);

        var now = time.GetUtcNow();
        foreach (var due in ends.TakeWhile(end => end.At <= now).Select(end => end.Person).ToArray().Chunk(HistoryPage))
        {
            await ReadIntoModelAsync(due, cancellationToken);
            forgot = true;
        }

        if (forgot) telemetry.Forgot(time.GetElapsedTime(startedAt));
    }

    private async Task RefreshAsync(IEnumerable<string> persons, CancellationToken cancellationToken)
    {
        await one.WaitAsync(cancellationToken);
        try
        {
            await ReadIntoModelAsync([.. persons], cancellationToken);
        }
        finally
        {
            one.Release();
        }
    }

    /// <summary>With <see cref="one"/> held.</summary>
    private async Task ReadIntoModelAsync(string[] persons, CancellationToken cancellationToken)
    {
        var session = module.OpenSession();
        await session.PrefetchAsync(persons.SelectMany(person => new[] { session.Key<SubjectGate>(person), session.Key<SubjectHistory>(person) }), cancellationToken);
        var now = time.GetUtcNow();
        foreach (var person in persons)
        {
            opened.Forget(person);
            var usable = await UsableOfAsync(person, session, now, cancellationToken);
            HistoryEntry[] liked = [.. usable.Entries.Where(entry => entry.IsLiking(options.PositiveFrom))];
            model.Set(person, liked.Select(entry => entry.ItemId));
            trending.Set(person, liked.Select(entry => (entry.ItemId, entry.Time)), now);
            if (endOf.Remove(person, out var end)) ends.Remove((end, person));
            if (usable.Entries.Count > 0) ends.Add((endOf[person] = usable.Until, person));
        }

        Interlocked.Exchange(ref nextEnd, ends.Count == 0 ? long.MaxValue : ends.Min.At.UtcTicks);
        telemetry.SetUnreadable(unreadable.Count);
    }

    /// <summary>With <see cref="one"/> held. Nothing of a person whose documents can't be read: they are missed, and keep nobody else out.</summary>
    private async Task<UsableHistory> UsableOfAsync(string person, DocumentSession session, DateTimeOffset now, CancellationToken cancellationToken)
    {
        try
        {
            var gate = await session.LoadAsync<SubjectGate>(person, cancellationToken) ?? SubjectGate.Closed(person);
            var usable = SubjectHistory.UsableOf(await session.LoadAsync<SubjectHistory>(person, cancellationToken), gate, options.Purpose, now);
            unreadable.Remove(person);
            return usable;
        }
        catch (DocumentUnreadableException exception)
        {
            if (unreadable.Add(person)) LogUnreadable(exception.Document.Collection);
            return UsableHistory.Nothing;
        }
    }

    private bool IsPending(StoredDocument gate) => !applied.TryGetValue(gate.Key.Id, out var known) || known.Version != gate.Version;

    [LoggerMessage(LogLevel.Error, "A document of {Collection} is not what was written and can't be read; the model is without its person, who gets the list for everybody")]
    private partial void LogUnreadable(string collection);

    private static DocumentQuery NarrowedAfter(string number) => new(RecommendationModule.Gates, "narrowed", After: number, Limit: GatePage);

    /// <param name="At">When it was ready.</param>
    /// <param name="Took">How long it took.</param>
    public sealed record Solution(DateTimeOffset At, TimeSpan Took);
}
