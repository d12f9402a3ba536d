using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Personalization.Audit.Domain;
using Personalization.Platform;
using Personalization.Platform.Security;

namespace Personalization.Audit.Tests;

/// <summary>An exported log, made without a service, and what somebody could do to it.</summary>
internal static class Export
{
    public static Task<AuditReport> VerifyAsync(TrustedKeys keys, byte[] export, IEnumerable<Checkpoint> kept) =>
        new AuditVerifier(keys.Find).VerifyAsync(PipeReader.Create(new MemoryStream(export)), kept, CancellationToken.None);

    public static AuditEntry Entry(long number, string commitment) => new AuditEntry
    {
        Number = number,
        RecordedAt = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero).AddSeconds(number),
        Type = "ConsentGranted",
        MessageId = new Guid((int)number, 0, 0, new byte[8]),
        Commitment = commitment,
        Hash = "",
    }.Sealed();

    public static Checkpoint CheckpointOf(IEnumerable<AuditEntry> entries, MessageSigner signer)
    {
        var tree = new MerkleFrontier();
        foreach (var entry in entries) tree.Add(Convert.FromHexString(entry.Hash));
        return Checkpoint.Of(AuditHead.Of(tree), "ru", signer, new DateTimeOffset(2026, 3, 2, 0, 0, 0, TimeSpan.Zero));
    }

    public static byte[] Of(IReadOnlyList<AuditEntry> entries, MessageSigner signer) =>
        Encoding.UTF8.GetBytes(string.Concat(entries.Select(Line)) + Line(CheckpointOf(entries, signer)));

    private static string Line<T>(T value) => JsonSerializer.Serialize(value, Json.Options) + "\n";
}
