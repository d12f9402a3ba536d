using System.Text.RegularExpressions;
using Personalization.Contracts.Retention;

namespace Personalization.Profile.Domain;

/// <summary>What a product service says it did for an erasure case.</summary>
public sealed partial record ProductReceipt
{
    private const int MostLines = 100;
    private const int LongestReason = 300;
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5);

    /// <summary>The case.</summary>
    public required string CaseId { get; init; }

    /// <summary>When it was done, UTC.</summary>
    public required DateTimeOffset ErasedAt { get; init; }

    /// <summary>Per store and category; empty if nothing was held.</summary>
    public required IReadOnlyList<ErasedData> Erased { get; init; }

    /// <summary>What was kept, and by what right.</summary>
    public IReadOnlyList<RetainedData> Retained { get; init; } = [];

    /// <summary>What was searched afterwards, and what was found.</summary>
    public IReadOnlyList<ResidualScan> Residual { get; init; } = [];

    /// <summary>
    /// Whether it can be taken for the notice: about its case, done in between, and nothing in it names anybody: it goes into the certificate
    /// and over the bus.
    /// </summary>
    public bool Answers(ErasureNotice notice, DateTimeOffset now) =>
        CaseId == notice.CaseId
        && ErasedAt >= notice.NotedAt - ClockTolerance && ErasedAt <= now + ClockTolerance
        && Erased.Count <= MostLines && Retained.Count <= MostLines && Residual.Count <= MostLines
        && Erased.All(data => IsWord(data.Store, notice) && IsWord(data.Category, notice) && data is { Count: >= 0, Method: "erased" or "key-destroyed" or "anonymized" })
        && Retained.All(data => IsWord(data.Store, notice) && IsWord(data.Category, notice) && data.Count >= 0 && IsReason(data.Reason, notice))
        && Residual.All(place => IsWord(place.Searched, notice) && place.Found >= 0);

    private static bool IsReason(string text, ErasureNotice notice) =>
        text.Length is > 0 and <= LongestReason && !DirectIdentifier.IsIn(text) && !text.Split(' ', ',', ';', '(', ')', '"').Contains(notice.CustomerId);

    private static bool IsWord(string text, ErasureNotice notice) => Word().IsMatch(text) && !DirectIdentifier.IsIn(text) && text != notice.CustomerId;

    [GeneratedRegex("^[a-z0-9][a-z0-9._/-]{0,63}$", RegexOptions.NonBacktracking)]
    private static partial Regex Word();
}
