using System.Security.Cryptography;
using System.Text.Json.Serialization;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Domain;

/// <summary>How far an import came: stored in the write of each of its chunks, so that it goes on exactly behind the last one that was written.</summary>
public sealed record ConsentImport : IDocument
{
    /// <summary>A keyed hash of the caller and the caller's id for it.</summary>
    public required string Id { get; init; }

    /// <summary>Lines that were dealt with.</summary>
    public long Lines { get; init; }

    /// <summary>Of these lines: by it the same stream is known again. Lower-case hex.</summary>
    public required string Digest { get; init; }

    /// <summary>Decisions recorded.</summary>
    public long Imported { get; init; }

    /// <summary>What was so already.</summary>
    public long Unchanged { get; init; }

    /// <summary>Lines that weren't recorded, by reason.</summary>
    public IReadOnlyDictionary<string, long> Refused { get; init; } = new Dictionary<string, long>();

    /// <summary>When a chunk was last written, UTC.</summary>
    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>All refused lines.</summary>
    [JsonIgnore]
    public long AllRefused => Refused.Values.Sum();

    /// <summary>The digest before the first line.</summary>
    /// <param name="secret">Unknown to whoever reads the store, who could otherwise try what a line might have said.</param>
    public static string DigestOf(string secret) => Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(secret)));

    /// <summary>The digest behind one more line.</summary>
    public static string DigestOf(string before, ReadOnlySpan<byte> line)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Convert.FromHexString(before));
        hash.AppendData(line);
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    /// <summary>Behind one more chunk.</summary>
    /// <param name="outcomes">What became of its lines.</param>
    /// <param name="digest">Behind the last of them.</param>
    /// <param name="now">UTC.</param>
    public ConsentImport After(IReadOnlyCollection<ImportOutcome> outcomes, string digest, DateTimeOffset now)
    {
        var refused = Refused.ToDictionary();
        foreach (var reason in outcomes.Select(outcome => outcome.Reason).OfType<string>()) refused[reason] = refused.GetValueOrDefault(reason) + 1;
        return this with
        {
            Lines = Lines + outcomes.Count,
            Digest = digest,
            Imported = Imported + outcomes.Count(outcome => outcome.Status == ImportStatus.Imported),
            Unchanged = Unchanged + outcomes.Count(outcome => outcome.Status == ImportStatus.Unchanged),
            Refused = refused,
            ChangedAt = now,
        };
    }
}

/// <summary>What became of a line.</summary>
public enum ImportStatus
{
    /// <summary>There was nothing on it.</summary>
    Blank,

    /// <summary>It was recorded.</summary>
    Imported,

    /// <summary>It was so already.</summary>
    Unchanged,

    /// <summary>It was not recorded.</summary>
    Refused,
}

/// <summary>What became of a line.</summary>
/// <param name="Status">What became of it.</param>
/// <param name="Reason">Stable slug; null unless it was refused.</param>
public readonly record struct ImportOutcome(ImportStatus Status, string? Reason = null)
{
    /// <summary>It was not recorded.</summary>
    public static ImportOutcome RefusedFor(string reason) => new(ImportStatus.Refused, reason);
}
