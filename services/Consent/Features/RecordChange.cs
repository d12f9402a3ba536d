using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Personalization.Consent.Domain;
using Personalization.Contracts.Consent;
using Personalization.Platform;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>What a decision was made on and where.</summary>
/// <param name="Channel">Where it was made.</param>
/// <param name="Notice">The text it was made on; null for a withdrawal.</param>
/// <param name="NoticeVersion">Its version.</param>
public sealed record DecisionSource(string Channel, Notice? Notice = null, int? NoticeVersion = null)
{
    /// <summary>The record of the notice's having been served.</summary>
    public string? ServedNoticeId { get; init; }

    /// <summary>When it was served, UTC.</summary>
    public DateTimeOffset? ServedAt { get; init; }

    /// <summary>Where the proof of a decision made elsewhere is.</summary>
    public string? Evidence { get; init; }

    /// <summary>When the person decided, UTC, if it counts from another time.</summary>
    public DateTimeOffset? DecidedAt { get; init; }
}

/// <summary>Stores a change: new state, proof, its link in the chain, and the entry that gets a number in the stream; one write.</summary>
internal static class RecordChange
{
    /// <exception cref="StoreUnusableException">The store was restored from a copy that misses decisions: a further one would get their version.</exception>
    public static async Task<LedgerEntry> StoreAsync(
        DocumentSession session, ConsentChange change, ChangeKind? kind, DecisionSource source, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (await session.LoadAsync<StreamHead>(StreamHead.Only, cancellationToken) is { IsBehind: true }) throw new StoreUnusableException(WatchStreamHead.Behind);
        var (record, counted) = CountDecisions.Of(change, kind, source, now);
        var periods = await session.LoadAsync<RetentionPeriods>(RetentionPeriods.Only, cancellationToken) ?? RetentionPeriods.None;
        // Nobody answered a notice of these; what the person would have been asked is the one in force.
        var unasked = await session.LoadManyAsync<Purpose>([.. DecidedPurpose.Touched(record).Where(purpose => !record.NoticeVersions.ContainsKey(purpose))], cancellationToken);
        var entry = new LedgerEntry
        {
            SubjectRef = record.Id,
            Version = record.Version,
            Epoch = record.Epoch,
            ReceiptId = "rc_" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16)),
            Decisions = change.Changed,
            Purposes = DecidedPurpose.Of(change, periods, unasked),
            NoticeVersion = source.NoticeVersion,
            Language = source.Notice?.Language,
            NoticeSha256 = source.Notice?.Sha256,
            ServedNoticeId = source.ServedNoticeId,
            ServedAt = source.ServedAt,
            Channel = source.Channel,
            Evidence = source.Evidence,
            DecidedAt = source.DecidedAt ?? change.DecidedAt,
            RecordedAt = now,
            Salt = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32)),
        };

        // Outside an open epoch there is no key of the subject's: it is going, gone or was never made.
        if (!record.HasGrants) entry = entry.Freeze(now);
        var link = LedgerLink.Of(entry, record.LedgerHash);
        session.Store(record with { LedgerHash = link.Hash });
        session.Store(entry);
        session.Store(link);
        session.Store(new PendingChange
        {
            Id = entry.Id,
            CreatedAt = now,
            Kind = kind ?? KindOf(change),
            Consent = new ConsentSnapshot
            {
                SubjectRef = record.Id,
                Version = record.Version,
                Epoch = record.Epoch,
                Number = 0,
                Decisions = record.DecisionsInForce,
            },
            Narrowed = change.Narrowed,
            EpochEnded = change.EpochEnded,
            DecidedAt = change.DecidedAt,
            Counted = counted,
            LedgerHash = link.Hash,
            TraceParent = Activity.Current?.Id,
        });
        return entry;
    }

    private static ChangeKind KindOf(ConsentChange change) =>
        change.Narrowed.Count > 0 || (change.Changed.Count > 0 && change.Changed.All(decision => decision.Decision != ConsentDecision.Granted))
            ? ChangeKind.Revoked
            : ChangeKind.Granted;
}

/// <summary>The version a person saw, opaque to callers.</summary>
internal static class ConsentETag
{
    public static string Of(long version) => $"\"{Base64Url.EncodeToString(System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"v{version}")))}\"";

    /// <returns>The version, or null if the tag isn't one of ours.</returns>
    public static long? Parse(string tag)
    {
        var value = tag.Trim('"');
        if (!Base64Url.IsValid(value)) return null;
        var text = System.Text.Encoding.ASCII.GetString(Base64Url.DecodeFromChars(value));
        return text.StartsWith('v') && long.TryParse(text.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : null;
    }
}
