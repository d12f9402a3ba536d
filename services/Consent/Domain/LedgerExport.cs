using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using Personalization.Platform.Security;

namespace Personalization.Consent.Domain;

/// <summary>First line of an exported ledger. Signed by itself, so that what is wrong with it is not taken for something in the lines after it.</summary>
public sealed record LedgerHeader
{
    /// <summary>What <see cref="Format"/> is.</summary>
    public const string FormatName = "personalization-ledger";

    /// <summary>The only version there is.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Tells it from other signed things.</summary>
    public string Format { get; init; } = FormatName;

    /// <summary>Of the format.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>The deployment's region.</summary>
    public required string Region { get; init; }

    /// <summary>Everything recorded before is in the export, UTC; of what was recorded while it was written some may be.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>The same as a number of the consent stream: every decision up to it is in the export.</summary>
    public required long Through { get; init; }

    /// <summary>Links come with their decisions where these can still be opened.</summary>
    public required bool WithDecisions { get; init; }

    /// <summary>The key that signs, in the deployment's trusted list.</summary>
    public required string KeyId { get; init; }

    /// <summary>Base64url of ES256 (IEEE P1363) over <see cref="SignedBytes"/>.</summary>
    public string? Signature { get; init; }

    /// <summary>Canonical JSON of all other members.</summary>
    public byte[] SignedBytes() => CanonicalJson.Of(this, "signature");
}

/// <summary>A link of an exported ledger, in the order of places.</summary>
public sealed record LedgerLine
{
    /// <summary>Which line of the file it is, from 1: a line that was taken out or put in is named by the next.</summary>
    public required long Line { get; init; }

    /// <summary>The link.</summary>
    public required LedgerLink Link { get; init; }

    /// <summary>The decision with the salt of its commitment; no more than what the commitment is of.</summary>
    public LedgerEntry? Entry { get; init; }
}

/// <summary>Last line of an exported ledger: without it, something was cut off.</summary>
public sealed record LedgerFooter
{
    /// <summary>What <see cref="Format"/> is.</summary>
    public const string FormatName = "personalization-ledger-end";

    /// <summary>Tells it from other signed things.</summary>
    public string Format { get; init; } = FormatName;

    /// <summary>Links.</summary>
    public required long Count { get; init; }

    /// <summary>Lower-case hex SHA-256 of all bytes before this line, line feeds included.</summary>
    public required string Sha256 { get; init; }

    /// <summary>As in the header.</summary>
    public required string KeyId { get; init; }

    /// <summary>As in the header.</summary>
    public string? Signature { get; init; }

    /// <summary>Canonical JSON of all other members.</summary>
    public byte[] SignedBytes() => CanonicalJson.Of(this, "signature");
}

/// <summary>Writes an export: every line is the canonical JSON of one of the records above and a line feed, so there is one way to write what it says.</summary>
/// <param name="output">Where the lines go.</param>
/// <param name="sign">Signs bytes as ES256 does.</param>
public sealed class LedgerWriter(IBufferWriter<byte> output, Func<byte[], byte[]> sign) : IDisposable
{
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private string keyId = "";
    private long lines;

    /// <summary>Writes the first line.</summary>
    public void Begin(LedgerHeader header)
    {
        keyId = header.KeyId;
        Write(header with { Signature = Base64Url.EncodeToString(sign(header.SignedBytes())) });
    }

    /// <summary>Writes a link and, if it is known, its decision.</summary>
    public void Add(LedgerLink link, LedgerEntry? entry) => Write(new LedgerLine { Line = lines + 1, Link = link, Entry = entry?.Committed() });

    /// <summary>Writes the last line.</summary>
    public void End()
    {
        var footer = new LedgerFooter { Count = lines - 1, Sha256 = Convert.ToHexStringLower(hash.GetCurrentHash()), KeyId = keyId };
        Write(footer with { Signature = Base64Url.EncodeToString(sign(footer.SignedBytes())) });
    }

    /// <inheritdoc/>
    public void Dispose() => hash.Dispose();

    private void Write(object line)
    {
        byte[] bytes = [.. CanonicalJson.Of(line), (byte)'\n'];
        hash.AppendData(bytes);
        output.Write(bytes);
        lines++;
    }
}
