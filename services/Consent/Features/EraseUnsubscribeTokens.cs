using Personalization.Consent.Domain;
using Personalization.Contracts.Retention;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>What becomes of the links of mails to somebody who is erased: unused ones go with the epoch; of used ones what answers a repeated click alike stays, anonymized.</summary>
internal static class EraseUnsubscribeTokens
{
    private const string Collection = "unsubscribe_tokens";

    // Of a whole epoch in one write; a subject with more is told of as a residue and comes again.
    private const int Most = 10_000;

    public static async Task<IReadOnlyList<ErasedData>> EraseAsync(EraseSubject command, DocumentSession session, CancellationToken cancellationToken)
    {
        if (!command.WholeEpoch) return [];
        var rows = await session.QueryRowsAsync<UnsubscribeToken>(
            "subject", after: SubjectIndex.Before(command.SubjectRef), atMost: SubjectIndex.Through(command.SubjectRef, command.Epoch), limit: Most, cancellationToken: cancellationToken);
        var used = rows.Select(row => row.Document).OfType<UnsubscribeToken>().Where(token => token.UsedAt is not null).ToArray();
        foreach (var row in rows) session.Delete<UnsubscribeToken>(row.Id);
        foreach (var token in used) session.Store(token.Anonymize());
        return [.. new[] { Of(rows.Count - used.Length, "erased"), Of(used.Length, "anonymized") }.Where(data => data.Count > 0)];

        static ErasedData Of(int count, string method) => new() { Store = Collection, Category = "consent", Count = count, Method = method };
    }

    /// <summary>Looks for what is left of them.</summary>
    public static async Task<ResidualScan> ScanAsync(EraseSubject command, DocumentSession session, CancellationToken cancellationToken) => new()
    {
        Searched = Collection,
        Found = command.WholeEpoch
            ? await session.CountAsync<UnsubscribeToken>(
                "subject", after: SubjectIndex.Before(command.SubjectRef), atMost: SubjectIndex.Through(command.SubjectRef, command.Epoch), cancellationToken: cancellationToken)
            : 0,
    };
}
