using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text.Json;
using Personalization.Platform;
using Personalization.Platform.Security;

namespace Personalization.Consent.Domain;

/// <summary>What a check of an exported ledger found.</summary>
/// <param name="Links">Links that are right, from the first on.</param>
/// <param name="Subjects">Subjects they are of.</param>
/// <param name="Decisions">Links whose decision was there and is the one they commit to.</param>
/// <param name="Header">The first line, if it could be read.</param>
/// <param name="FirstWrong">Null if everything is as it was exported.</param>
public sealed record LedgerReport(long Links, long Subjects, long Decisions, LedgerHeader? Header, WrongLine? FirstWrong);

/// <summary>Where an exported ledger is wrong first.</summary>
/// <param name="Line">From 1.</param>
/// <param name="What">What is wrong there.</param>
public sealed record WrongLine(long Line, string What);

/// <summary>
/// Checks an exported ledger with nothing but the public keys. Each line has to be, byte for byte, what an export writes for what it says:
/// then a change of any byte is a change of what a hash or a signature covers, and shows on the line it was made in.
/// </summary>
/// <param name="keys">The trusted key of an id; null if there is none that ledgers are signed with.</param>
public sealed class LedgerVerifier(Func<string, TrustedKey?> keys)
{
    // The longest lines are those of decisions on many categories.
    private const int LongestLine = 1024 * 1024;

    /// <summary>Reads to the end, or to the first line that is wrong.</summary>
    public async Task<LedgerReport> VerifyAsync(PipeReader export, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var chain = new LedgerChain();
        LedgerHeader? header = null;
        LedgerFooter? footer = null;
        var number = 0L;
        await foreach (var line in NdjsonLines.ReadAsync(export, LongestLine, cancellationToken))
        {
            number++;
            if (footer is not null) return Report("something follows the end of the ledger");
            if (line.IsTooLong) return Report("the line is longer than any of a ledger");
            if (number == 1)
            {
                header = Read<LedgerHeader>(line);
                if (Check(header) is { } wrong) return Report(wrong);
            }
            else if (Read<LedgerLine>(line) is { } link)
            {
                if (link.Line != number) return Report($"this was line {link.Line} of the export: lines were taken out, put in or moved");
                if (link.Entry is not null && link.Entry != link.Entry.Committed()) return Report("the decision holds what its link does not commit to");
                if (link.Entry is not null && !header!.WithDecisions) return Report("there is a decision in an export without decisions");
                if (chain.Add(link.Link, link.Entry) is { } wrong) return Report(wrong);
            }
            else
            {
                footer = Read<LedgerFooter>(line);
                if (Check(footer, header!, chain.Links, hash) is { } wrong) return Report(wrong);
            }

            if (!line.IsEnded) return Report("the line does not end: something was cut off");
            hash.AppendData(line.Bytes.Span);
            hash.AppendData("\n"u8);
        }

        number++;
        return footer is null ? Report("the ledger does not end: something was cut off") : new LedgerReport(chain.Links, chain.Subjects, chain.Decisions, header, null);

        LedgerReport Report(string what) => new(chain.Links, chain.Subjects, chain.Decisions, header, new WrongLine(number, what));
    }

    private string? Check(LedgerHeader? header) =>
        header is null ? "this is not the first line of a ledger as an export writes it"
        : header.Format != LedgerHeader.FormatName || header.Version != LedgerHeader.CurrentVersion ? "the ledger is of another format or version"
        : WhatIsWrongWith(header.KeyId, header.SignedBytes(), header.Signature);

    private string? Check(LedgerFooter? footer, LedgerHeader header, long links, IncrementalHash hash)
    {
        if (footer is null || footer.Format != LedgerFooter.FormatName) return "this is not a line as an export writes it";
        if (footer.KeyId != header.KeyId) return "the end is signed with another key than the beginning";
        if (WhatIsWrongWith(footer.KeyId, footer.SignedBytes(), footer.Signature) is { } wrong) return wrong;
        if (footer.Count != links) return $"the ledger had {footer.Count} links and has {links}";
        return footer.Sha256 != Convert.ToHexStringLower(hash.GetCurrentHash()) ? "the lines before are not those that were exported" : null;
    }

    private string? WhatIsWrongWith(string keyId, byte[] data, string? signature) =>
        keys(keyId) is not { } key ? "the key it is signed with is not among the trusted ones"
        : signature is null || !key.Verify(data, signature) ? "the signature is not of this line"
        : null;

    /// <returns>What the line says; null if that is nothing of the kind, or said in other bytes than an export's.</returns>
    private static T? Read<T>(NdjsonLine line)
        where T : class
    {
        try
        {
            var value = JsonSerializer.Deserialize<T>(line.Bytes.Span, Json.Options);
            return value is not null && CanonicalJson.Of(value).AsSpan().SequenceEqual(line.Bytes.Span) ? value : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
