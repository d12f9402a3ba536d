using System.Buffers;
using System.Buffers.Text;
using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using Personalization.Consent.Domain;
using Personalization.Contracts.Consent;
using Personalization.Platform.Security;

namespace Personalization.Consent.Tests;

/// <summary>Exported ledgers with a key of their own.</summary>
internal sealed class SampleLedger : IDisposable
{
    private static readonly DateTimeOffset Monday = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    private readonly string keyId;
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly IReadOnlyDictionary<string, TrustedKey> trusted;

    public SampleLedger(string keyId = "consent-1")
    {
        this.keyId = keyId;
        trusted = JsonWebKeys.Read(KeySet);
    }

    /// <summary>The public key, as a deployment serves it.</summary>
    public string KeySet
    {
        get
        {
            var point = key.ExportParameters(includePrivateParameters: false).Q;
            return $$"""{"keys":[{"kty":"EC","crv":"P-256","kid":"{{keyId}}","x":"{{Base64Url.EncodeToString(point.X)}}","y":"{{Base64Url.EncodeToString(point.Y)}}"}]}""";
        }
    }

    /// <summary>Subjects with so many decisions each; every third subject is erased: of it there are only links.</summary>
    public byte[] Export(int subjects, int decisions, bool withDecisions = true)
    {
        var output = new ArrayBufferWriter<byte>();
        using var writer = new LedgerWriter(output, data => key.SignData(data, HashAlgorithmName.SHA256));
        writer.Begin(new LedgerHeader { Region = "ru", StartedAt = Monday, Through = subjects * decisions, WithDecisions = withDecisions, KeyId = keyId });
        for (var subject = 0; subject < subjects; subject++)
        {
            string? previous = null;
            for (var version = 1; version <= decisions; version++)
            {
                var entry = Decision($"s1_subject{subject:000000}", version);
                var link = LedgerLink.Of(entry, previous);
                writer.Add(link, withDecisions && subject % 3 != 2 ? entry : null);
                previous = link.Hash;
            }
        }

        writer.End();
        return output.WrittenSpan.ToArray();
    }

    public Task<LedgerReport> VerifyAsync(byte[] export) =>
        new LedgerVerifier(trusted.GetValueOrDefault).VerifyAsync(PipeReader.Create(new ReadOnlySequence<byte>(export)), CancellationToken.None);

    public void Dispose() => key.Dispose();

    private static LedgerEntry Decision(string subjectRef, int version)
    {
        // Granted on a notice, then taken back, and so on; one in its own time of keeping.
        var isGrant = version % 2 == 1;
        var entry = new LedgerEntry
        {
            SubjectRef = subjectRef,
            Version = version,
            Epoch = (version + 1) / 2,
            ReceiptId = "rc_" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16)),
            Decisions =
            [
                new CategoryConsent
                {
                    Purpose = "recommendations",
                    Category = "viewing",
                    Decision = isGrant ? ConsentDecision.Granted : ConsentDecision.Revoked,
                    GrantedAt = isGrant ? Monday.AddHours(version) : null,
                    ValidUntil = isGrant ? Monday.AddDays(365) : null,
                },
            ],
            Purposes =
            [
                new DecidedPurpose
                {
                    Purpose = "recommendations",
                    NoticeVersion = 3,
                    Categories = [new DecidedCategory("viewing", isGrant ? ConsentDecision.Granted : ConsentDecision.Revoked, isGrant ? ConsentEventState.Given : ConsentEventState.Withdrawn)],
                },
            ],
            NoticeVersion = isGrant ? 3 : null,
            Language = isGrant ? "ru" : null,
            NoticeSha256 = isGrant ? Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("notice"))) : null,
            Channel = isGrant ? "web" : "api",
            Evidence = isGrant ? "№ 17/4 \"копия\"" : null,
            DecidedAt = Monday.AddHours(version),
            RecordedAt = Monday.AddHours(version).AddTicks(1234567),
            Salt = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32)),
        };
        return isGrant ? entry : entry.Freeze(Monday);
    }
}
