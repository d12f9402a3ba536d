using Personalization.Contracts.Consent;

namespace Personalization.Consent.Domain;

/// <summary>Goes along links in the order of their places. Every change of a subject's consent is recorded, so its versions run from 1 without a gap.</summary>
public sealed class LedgerChain
{
    private readonly Dictionary<(string Purpose, string Category), CategoryConsent> decided = [];
    private bool isAllDecided = true;

    /// <summary>Links gone along.</summary>
    public long Links { get; private set; }

    /// <summary>Subjects they are of.</summary>
    public long Subjects { get; private set; }

    /// <summary>Of these links, those whose decision was there to be compared.</summary>
    public long Decisions { get; private set; }

    /// <summary>The link gone along last.</summary>
    public LedgerLink? Last { get; private set; }

    /// <summary>What all decisions of the last link's subject come to; null if some of them weren't there.</summary>
    public IReadOnlyCollection<CategoryConsent>? Decided => isAllDecided ? decided.Values : null;

    /// <summary>Takes the next link.</summary>
    /// <returns>What is wrong with it; null if nothing is. After that the chain can't be gone along further.</returns>
    public string? Add(LedgerLink link, LedgerEntry? entry)
    {
        var isFirst = Last?.SubjectRef != link.SubjectRef;
        if (link.ComputeHash() != link.Hash) return "the link was changed: its hash is another";
        if (Last is not null && string.CompareOrdinal(link.Id, Last.Id) <= 0) return "the link is not in its place: one of a later place stands before it";
        if (link.Version != (isFirst ? 1 : Last!.Version + 1)) return "a decision of the same subject is missing before this one";
        if (link.Previous != (isFirst ? LedgerLink.Start : Last!.Hash)) return "the link continues another chain than the one before it";
        if (entry is not null)
        {
            if (entry.Id != link.Id || entry.Epoch != link.Epoch) return "the decision belongs to another link";
            if (entry.Commitment() != link.Commitment) return "the decision was changed: the link commits to another";
            Decisions++;
        }

        if (isFirst)
        {
            decided.Clear();
            isAllDecided = true;
            Subjects++;
        }

        isAllDecided &= entry is not null;
        foreach (var decision in entry?.Decisions ?? []) decided[(decision.Purpose, decision.Category)] = decision;
        Last = link;
        Links++;
        return null;
    }
}
