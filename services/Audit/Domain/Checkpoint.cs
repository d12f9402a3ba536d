using System.Buffers.Text;
using System.Globalization;
using System.Text.Json.Serialization;
using Personalization.Platform.Security;
using Personalization.Platform.Storage;

namespace Personalization.Audit.Domain;

/// <summary>How the log stood at a time, signed by Audit. Whoever keeps one can tell later whether anything before its end was changed.</summary>
/// <param name="Origin">Which log: <c>personalization/audit/REGION</c>.</param>
/// <param name="Size">Entries.</param>
/// <param name="RootHash">The root of their Merkle tree (RFC 6962), lower-case hex.</param>
/// <param name="Time">When it was signed, UTC.</param>
/// <param name="KeyId">The key, in the deployment's trusted list.</param>
/// <param name="Signature">Base64url of ES256 (IEEE P1363) over the canonical JSON of the members above.</param>
public sealed record Checkpoint(string Origin, long Size, string RootHash, DateTimeOffset Time, string KeyId, string? Signature = null)
{
    /// <summary>Whose key signs.</summary>
    public const string Producer = "audit";

    /// <summary>Signs the end of the log.</summary>
    public static Checkpoint Of(AuditHead head, string region, MessageSigner signer, DateTimeOffset now)
    {
        var unsigned = new Checkpoint($"personalization/audit/{region}", head.Size, head.RootHash, now, signer.KeyId);
        return unsigned with { Signature = Base64Url.EncodeToString(signer.Sign(CanonicalJson.Of(unsigned))) };
    }

    /// <summary>Whether Audit signed it.</summary>
    public bool IsSigned(Func<string, TrustedKey?> keys) =>
        Signature is not null && keys(KeyId) is { Producer: Producer } key && key.Verify(CanonicalJson.Of(this, "signature"), Signature);
}

/// <summary>A checkpoint that is kept: the latest, and the last of each hour.</summary>
public sealed record KeptCheckpoint : IDocument
{
    /// <summary>The id of the latest.</summary>
    public const string Latest = "latest";

    /// <inheritdoc/>
    public required string Id { get; init; }

    /// <summary>As signed.</summary>
    public required Checkpoint Checkpoint { get; init; }

    /// <summary>The hour it stands for; none for the latest.</summary>
    [JsonIgnore]
    public string? Hour => Id == Latest ? null : Id;

    /// <summary>The id of an hour's last.</summary>
    public static string IdOf(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH", CultureInfo.InvariantCulture);
}
