using Personalization.Contracts.Consent;
using Personalization.Platform.Storage;

namespace Personalization.Platform.Privacy;

/// <summary>
/// A service's own copy of a subject's consent: what every use of the subject's data asks, read from the primary together with that data.
/// </summary>
/// <remarks>
/// Kept in clear and for ever: it is the tombstone too. After an erasure nothing is left in it but the pseudonym, a version and an epoch,
/// and those keep old data from coming back. See docs/decisions.
/// </remarks>
public sealed record SubjectGate : IDocument
{
    /// <summary>The subject ref.</summary>
    public required string Id { get; init; }

    /// <summary>The consent version it holds; 0 if no consent is known.</summary>
    public long Version { get; init; }

    /// <summary>Data of an earlier epoch is never used or stored.</summary>
    public int Epoch { get; init; }

    /// <summary>The last epoch that ended, whose data is being or has been erased.</summary>
    public int EndedEpoch { get; init; }

    /// <summary>
    /// Place in the consent stream of the last change that took something away; 0 if none did. Whatever was derived from the subject's data
    /// before it (a model, a cache) has to be derived again.
    /// </summary>
    public long NarrowedBy { get; init; }

    /// <summary>What is granted and may be used.</summary>
    public IReadOnlyList<Grant> Grants { get; init; } = [];

    /// <summary>What is granted and, until a restriction is lifted, neither used nor added to. Apart from what may be used, so that nothing uses it that doesn't mean to.</summary>
    public IReadOnlyList<Grant> Restricted { get; init; } = [];

    /// <summary>The gate of a subject nothing is known of: closed.</summary>
    public static SubjectGate Closed(string subjectRef) => new() { Id = subjectRef };

    /// <summary>Whether data of that category, epoch and time may be used or stored for the purpose now.</summary>
    /// <param name="purpose">The purpose.</param>
    /// <param name="category">The category of data.</param>
    /// <param name="collected">When the data came to be; the grant must not be later.</param>
    /// <param name="epoch">The epoch of the data; null for data that isn't stored yet.</param>
    /// <param name="now">The current time; a grant past its validity permits nothing, heard of or not.</param>
    public bool Permits(string purpose, string category, DateTimeOffset collected, int? epoch, DateTimeOffset now) =>
        (epoch is not { } of || of == Epoch) && IsAmong(Grants, purpose, category, collected, now);

    /// <summary>Whether what is held of that category, epoch and time may stay for the purpose now, used or, while a restriction stands, not; parameters as of <see cref="Permits"/>.</summary>
    public bool Keeps(string purpose, string category, DateTimeOffset collected, int? epoch, DateTimeOffset now) =>
        (epoch is not { } of || of == Epoch) && (IsAmong(Grants, purpose, category, collected, now) || IsAmong(Restricted, purpose, category, collected, now));

    /// <summary>Whether anything is granted for the purpose now.</summary>
    public bool Allows(string purpose, DateTimeOffset now) =>
        Grants.Any(grant => grant.Purpose == purpose && (grant.ValidUntil is not { } until || now < until));

    /// <summary>The purposes for which it permits less than an earlier gate of the subject did, in ordinal order.</summary>
    public IReadOnlyList<string> NarrowedSince(SubjectGate earlier) =>
        [.. earlier.Grants.Where(held => Epoch != earlier.Epoch || !Grants.Any(grant => grant.Covers(held))).Select(held => held.Purpose).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>The gate after a change, or null if the change is not newer.</summary>
    public SubjectGate? Apply(IConsentEvent change)
    {
        if (change.Version <= Version) return null;
        var next = this with
        {
            Version = change.Version,
            Epoch = change.Epoch,
            EndedEpoch = Math.Max(EndedEpoch, change.EpochEnded ? change.Epoch : change.Epoch - 1),
            Grants = GrantsOf(change, areRestricted: false),
            Restricted = GrantsOf(change, areRestricted: true),
        };

        // Compared, not taken from the change: the changes between were perhaps never seen, and what one of them took away is gone with this one.
        return next.Covers(this) ? next : next with { NarrowedBy = change.Consent.Number };
    }

    private static Grant[] GrantsOf(IConsentEvent change, bool areRestricted) =>
    [
        .. change.Consent.Decisions
            .Where(decision => decision.Decision == ConsentDecision.Granted && decision.IsRestricted == true == areRestricted)
            .Select(decision => new Grant(decision.Purpose, decision.Category, decision.GrantedAt!.Value, decision.ValidUntil)),
    ];

    private static bool IsAmong(IReadOnlyList<Grant> grants, string purpose, string category, DateTimeOffset collected, DateTimeOffset now)
    {
        foreach (var grant in grants)
        {
            if (grant.Purpose == purpose && grant.Category == category)
                return grant.GrantedAt <= collected && (grant.ValidUntil is not { } until || now < until);
        }

        return false;
    }

    private bool Covers(SubjectGate earlier) =>
        earlier.Grants.Count == 0 || Epoch == earlier.Epoch && earlier.Grants.All(held => Grants.Any(grant => grant.Covers(held)));
}

/// <summary>A granted pair of purpose and category.</summary>
public sealed record Grant(string Purpose, string Category, DateTimeOffset GrantedAt, DateTimeOffset? ValidUntil = null)
{
    /// <summary>Whether it permits all that the other does.</summary>
    internal bool Covers(Grant other) =>
        Purpose == other.Purpose && Category == other.Category && GrantedAt <= other.GrantedAt && (ValidUntil is not { } until || until >= other.ValidUntil);
}
