using System.Text.Json.Serialization;
using Personalization.Contracts.Consent;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Domain;

/// <summary>
/// A subject's consent state. Kept in clear and for ever, like the gates made from it: versions never restart, and after an erasure it is
/// what keeps the past from coming back.
/// </summary>
public sealed record ConsentRecord : IDocument
{
    /// <summary>The subject ref.</summary>
    public required string Id { get; init; }

    /// <summary>Rises by one with each change.</summary>
    public long Version { get; init; }

    /// <summary>The current epoch, or the last one while nothing is granted. 0: nothing was ever granted.</summary>
    public int Epoch { get; init; }

    /// <summary>The version of the last change that shrank what is permitted; a grant decided on an older one is refused.</summary>
    public long NarrowedVersion { get; init; }

    /// <summary>Its time, UTC.</summary>
    public DateTimeOffset? NarrowedAt { get; init; }

    /// <summary>Every purpose and category ever decided, in the order of purpose and category.</summary>
    public IReadOnlyList<CategoryConsent> Decisions { get; init; } = [];

    /// <summary>Versions of the notices that the purposes were last decided on.</summary>
    public IReadOnlyDictionary<string, int> NoticeVersions { get; init; } = new Dictionary<string, int>();

    /// <summary>The last change of each purpose.</summary>
    public IReadOnlyDictionary<string, PurposeChange> Changes { get; init; } = new Dictionary<string, PurposeChange>();

    /// <summary>Granted purposes whose notice changed materially since.</summary>
    public IReadOnlyList<Renewal> Renewals { get; init; } = [];

    /// <summary>What is kept and not to be used, whatever is granted.</summary>
    public IReadOnlyList<Restriction> Restrictions { get; init; } = [];

    /// <summary>Hash of the newest link of the subject's ledger chain; null before the first.</summary>
    public string? LedgerHash { get; init; }

    /// <summary>Whether anything is granted, that is, whether the epoch is open.</summary>
    [JsonIgnore]
    public bool HasGrants => Decisions.Any(decision => decision.Decision == ConsentDecision.Granted);

    /// <summary>Whether anything of the purpose is granted.</summary>
    public bool IsGranted(string purpose) => Decisions.Any(decision => IsGrantOf(decision, purpose));

    /// <summary>The decisions as gates are told of them: with what a restriction keeps from being used.</summary>
    [JsonIgnore]
    public IReadOnlyList<CategoryConsent> DecisionsInForce => [.. Decisions.Select(decision => IsRestricted(decision) ? decision with { IsRestricted = true } : decision)];

    /// <summary>The next moment a grant ends.</summary>
    [JsonIgnore]
    public DateTimeOffset? NextExpiry => Decisions.Where(decision => decision.Decision == ConsentDecision.Granted).Min(EndOf);

    /// <summary>The state of a subject nothing is known of.</summary>
    public static ConsentRecord Empty(string subjectRef) => new() { Id = subjectRef };

    /// <summary>Sets a purpose: the categories to that grant, every other category of the purpose to <paramref name="others"/>.</summary>
    /// <param name="purpose">The purpose.</param>
    /// <param name="categories">What is granted.</param>
    /// <param name="others">Denied, for a decision by the person on a form.</param>
    /// <param name="noticeVersion">The notice it was decided on.</param>
    /// <param name="decidedAt">When; a category granted before keeps its earlier time.</param>
    /// <returns>The change, or null if everything is so already.</returns>
    public ConsentChange? Decide(Purpose purpose, IReadOnlyCollection<string> categories, ConsentDecision others, int noticeVersion, DateTimeOffset decidedAt)
    {
        var validUntil = purpose.ValidDays is { } days ? decidedAt.AddDays(days) : (DateTimeOffset?)null;
        var isRenewed = NoticeVersions.GetValueOrDefault(purpose.Id) != noticeVersion;
        return With(decidedAt, isRenewed ? (purpose.Id, noticeVersion, purpose.Categories) : null, pairs =>
        {
            foreach (var category in purpose.Categories)
            {
                var key = (purpose.Id, category);
                var before = pairs.GetValueOrDefault(key);
                if (!categories.Contains(category))
                {
                    if (before?.Decision != others && before?.Decision is not (ConsentDecision.Revoked or ConsentDecision.Expired))
                        pairs[key] = new CategoryConsent { Purpose = purpose.Id, Category = category, Decision = others };
                }
                else if (before?.Decision != ConsentDecision.Granted || isRenewed)
                {
                    pairs[key] = new CategoryConsent
                    {
                        Purpose = purpose.Id,
                        Category = category,
                        Decision = ConsentDecision.Granted,
                        GrantedAt = before?.GrantedAt ?? decidedAt,
                        ValidUntil = validUntil,
                    };
                }
            }

            // A category that this notice no longer names was agreed to on an older one, which this answer replaces.
            foreach (var (key, decision) in pairs.Where(pair => IsGrantOf(pair.Value, purpose.Id) && !purpose.Categories.Contains(pair.Key.Category)).ToArray())
                pairs[key] = decision with { Decision = ConsentDecision.Revoked, GrantedAt = null, ValidUntil = null };
        });
    }

    /// <summary>Takes back what is granted for a purpose, or for all.</summary>
    /// <returns>The change, or null if nothing of it was granted.</returns>
    public ConsentChange? Revoke(string? purpose, DateTimeOffset now) =>
        End(now, ConsentDecision.Revoked, decision => purpose is null || decision.Purpose == purpose);

    /// <summary>Refuses what was never decided of these purposes and takes back what is granted; what was decided otherwise stays.</summary>
    /// <returns>The change, or null if nothing of them is granted or open.</returns>
    public ConsentChange? OptOut(IReadOnlyCollection<Purpose> purposes, DateTimeOffset now) => With(now, null, pairs =>
    {
        foreach (var (purpose, category) in purposes.SelectMany(purpose => purpose.Categories.Select(category => (purpose.Id, category))))
            pairs.TryAdd((purpose, category), new CategoryConsent { Purpose = purpose, Category = category, Decision = ConsentDecision.Denied });
        foreach (var (key, decision) in pairs.Where(pair => pair.Value.Decision == ConsentDecision.Granted && purposes.Any(purpose => purpose.Id == pair.Key.Purpose)).ToArray())
            pairs[key] = decision with { Decision = ConsentDecision.Revoked, GrantedAt = null, ValidUntil = null };
    });

    /// <summary>Ends what is no longer valid.</summary>
    /// <returns>The change, or null if everything granted is still valid.</returns>
    public ConsentChange? Expire(DateTimeOffset now) => End(now, ConsentDecision.Expired, decision => EndOf(decision) <= now);

    /// <summary>Keeps from use what it covers, what is granted later too. What is granted stays granted, so nothing is narrowed.</summary>
    public ConsentChange Restrict(Restriction restriction, DateTimeOffset now) => With([.. Restrictions, restriction], now);

    /// <summary>Ends a restriction. Another one may go on keeping some of it from use.</summary>
    public ConsentChange Lift(string restrictionId, DateTimeOffset now) => With([.. Restrictions.Where(restriction => restriction.Id != restrictionId)], now);

    /// <summary>Whether something is granted and must not be used.</summary>
    public bool IsRestricted(CategoryConsent decision) => decision.Decision == ConsentDecision.Granted && Restrictions.Any(restriction => restriction.Covers(decision));

    /// <summary>Notes that a purpose's notice changed materially after it was granted. Permits nothing more or less, so the version stays.</summary>
    /// <returns>The next state, or null if nothing of the purpose is granted on an older notice, or it is noted already.</returns>
    public ConsentRecord? NeedRenewal(string purpose, int noticeVersion, DateTimeOffset? renewBy)
    {
        var known = Renewals.FirstOrDefault(renewal => renewal.Purpose == purpose);
        if (!IsGranted(purpose) || NoticeVersions.GetValueOrDefault(purpose) >= noticeVersion || known?.NoticeVersion >= noticeVersion) return null;

        // A further change gives nobody more time for the one before.
        var first = known?.RenewBy is { } earlier && !(renewBy <= earlier) ? earlier : renewBy;
        return this with { Renewals = [.. Renewals.Where(renewal => renewal != known), new Renewal(purpose, noticeVersion, first)] };
    }

    private static bool IsGrantOf(CategoryConsent decision, string purpose) => decision.Purpose == purpose && decision.Decision == ConsentDecision.Granted;

    private DateTimeOffset? EndOf(CategoryConsent decision)
    {
        var renewBy = Renewals.FirstOrDefault(renewal => renewal.Purpose == decision.Purpose)?.RenewBy;
        return decision.ValidUntil is not { } until ? renewBy : renewBy < until ? renewBy : until;
    }

    private ConsentChange? End(DateTimeOffset now, ConsentDecision ending, Func<CategoryConsent, bool> applies) => With(now, null, pairs =>
    {
        foreach (var (key, decision) in pairs.Where(pair => pair.Value.Decision == ConsentDecision.Granted && applies(pair.Value)).ToArray())
            pairs[key] = decision with { Decision = ending, GrantedAt = null, ValidUntil = null };
    });

    private ConsentChange With(IReadOnlyList<Restriction> restrictions, DateTimeOffset at)
    {
        var next = this with { Version = Version + 1, Restrictions = restrictions };
        var touched = Decisions.Where(decision => next.IsRestricted(decision) != IsRestricted(decision)).Select(decision => decision.Purpose).ToHashSet();
        return new ConsentChange(next with { Changes = ChangesWith(touched, at) }, Changed: [], Narrowed: [], EpochEnded: false, at, Before: this, AskedAnew: []);
    }

    /// <summary>The last change of each purpose, after one of these.</summary>
    private Dictionary<string, PurposeChange> ChangesWith(HashSet<string> touched, DateTimeOffset at) =>
        Changes.Where(known => !touched.Contains(known.Key)).Concat(touched.Select(purpose => KeyValuePair.Create(
                purpose, (Changes.GetValueOrDefault(purpose) ?? new PurposeChange(0, at)) with { Version = Version + 1, At = at })))
            .OrderBy(known => known.Key, StringComparer.Ordinal).ToDictionary();

    private ConsentChange? With(
        DateTimeOffset at, (string Purpose, int Version, IReadOnlyList<string> Categories)? notice, Action<SortedDictionary<(string Purpose, string Category), CategoryConsent>> change)
    {
        var pairs = new SortedDictionary<(string Purpose, string Category), CategoryConsent>(
            Decisions.ToDictionary(decision => (decision.Purpose, decision.Category)), Comparer<(string Purpose, string Category)>.Create((a, b) =>
                string.CompareOrdinal(a.Purpose, b.Purpose) is var byPurpose && byPurpose != 0 ? byPurpose : string.CompareOrdinal(a.Category, b.Category)));
        change(pairs);
        var decisions = pairs.Values.ToArray();
        var changed = decisions.Where(decision => !Decisions.Contains(decision)).ToArray();
        if (changed.Length == 0 && notice is null) return null;
        var touched = changed.Select(decision => decision.Purpose).Append(notice?.Purpose).OfType<string>().ToHashSet();

        var narrowed = changed
            .Where(decision => decision.Decision != ConsentDecision.Granted && Decisions.Any(before =>
                before.Purpose == decision.Purpose && before.Category == decision.Category && before.Decision == ConsentDecision.Granted))
            .Select(decision => new NarrowedConsent { Purpose = decision.Purpose, Category = decision.Category })
            .ToArray();
        var hasGrants = decisions.Any(decision => decision.Decision == ConsentDecision.Granted);
        var next = this with
        {
            Version = Version + 1,
            Epoch = !HasGrants && hasGrants ? Epoch + 1 : Epoch,
            NarrowedVersion = narrowed.Length > 0 ? Version + 1 : NarrowedVersion,
            NarrowedAt = narrowed.Length > 0 ? at : NarrowedAt,
            Decisions = decisions,
            Changes = ChangesWith(touched, at),
            Renewals = [.. Renewals.Where(renewal => !touched.Contains(renewal.Purpose))],
            NoticeVersions = notice is { } of ? new Dictionary<string, int>(NoticeVersions) { [of.Purpose] = of.Version } : NoticeVersions,
        };
        return new ConsentChange(next, changed, narrowed, EpochEnded: HasGrants && !hasGrants, at, Before: this, AskedAnew: notice?.Categories ?? []);
    }
}

/// <summary>When a purpose was last changed.</summary>
/// <param name="Version">The subject's consent version that did it.</param>
/// <param name="At">When, UTC.</param>
public sealed record PurposeChange(long Version, DateTimeOffset At)
{
    /// <summary>The day of the newest change that the counts have heard of, UTC.</summary>
    public DateOnly? CountedOn { get; init; }

    /// <summary>As what the subject was counted on it.</summary>
    public IReadOnlyList<CountedAs> Counted { get; init; } = [];
}

/// <summary>A granted purpose to be asked for again.</summary>
/// <param name="Purpose">The purpose.</param>
/// <param name="NoticeVersion">The version of the notice to agree to.</param>
/// <param name="RenewBy">When the grant lapses unless renewed, UTC. Null: it stays valid.</param>
public sealed record Renewal(string Purpose, int NoticeVersion, DateTimeOffset? RenewBy = null);

/// <summary>The next state of a record and what led to it.</summary>
/// <param name="Record">The next state.</param>
/// <param name="Changed">The decisions that are different now.</param>
/// <param name="Narrowed">What is no longer permitted.</param>
/// <param name="EpochEnded">The last grant went.</param>
/// <param name="DecidedAt">When, UTC.</param>
/// <param name="Before">The state before.</param>
/// <param name="AskedAnew">Categories that the person answered for on another version of the notice than before, whether or not the answer is another.</param>
public sealed record ConsentChange(
    ConsentRecord Record, IReadOnlyList<CategoryConsent> Changed, IReadOnlyList<NarrowedConsent> Narrowed, bool EpochEnded, DateTimeOffset DecidedAt,
    ConsentRecord Before, IReadOnlyList<string> AskedAnew);
