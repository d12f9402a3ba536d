using Personalization.Contracts.Consent;
using Personalization.Contracts.Retention;

namespace Personalization.Consent.Domain;

/// <summary>What happened to a consent, in the words of ISO/IEC TS 27560.</summary>
public enum ConsentEventState
{
    /// <summary>The person was asked.</summary>
    Requested,

    /// <summary>The person agreed.</summary>
    Given,

    /// <summary>The person was asked and did not agree.</summary>
    Refused,

    /// <summary>The person agreed again, on another version of the notice.</summary>
    Reaffirmed,

    /// <summary>The person took it back.</summary>
    Withdrawn,

    /// <summary>Its time was over.</summary>
    Expired,

    /// <summary>The notice changed materially and the person didn't agree to the new one in time.</summary>
    Invalidated,
}

/// <summary>What a decision did to one purpose, and what was true of it then: its receipt says nothing else, whatever is declared later.</summary>
public sealed record DecidedPurpose
{
    /// <summary>The purpose's id.</summary>
    public required string Purpose { get; init; }

    /// <summary>The version of the notice it was decided on; of a withdrawal or an end, the one last answered; where none was, the one in force.</summary>
    public required int NoticeVersion { get; init; }

    /// <summary>Every category ever decided for it, with its state from then on.</summary>
    public required IReadOnlyList<DecidedCategory> Categories { get; init; }

    /// <summary>The purposes that a change touched.</summary>
    /// <param name="change">The change.</param>
    /// <param name="periods">The retention rules in force.</param>
    /// <param name="unasked">Those of the purposes that the person never answered a notice of.</param>
    public static IReadOnlyList<DecidedPurpose> Of(ConsentChange change, RetentionPeriods periods, IReadOnlyDictionary<string, Purpose> unasked)
    {
        var record = change.Record;
        return [.. Touched(record).Select(purpose => new DecidedPurpose
        {
            Purpose = purpose,
            NoticeVersion = record.NoticeVersions.TryGetValue(purpose, out var answered) ? answered : unasked[purpose].NoticeVersion,
            Categories =
            [
                .. from decision in record.Decisions
                   where decision.Purpose == purpose
                   let rule = periods.RuleOf(decision.Purpose, decision.Category)
                   select new DecidedCategory(decision.Category, decision.Decision, EventOf(change, decision), decision.ValidUntil, rule?.KeepDays, rule?.From, record.IsRestricted(decision) ? true : null),
            ],
        })];
    }

    /// <summary>The purposes that the record's last change touched.</summary>
    public static IEnumerable<string> Touched(ConsentRecord record) => record.Changes.Where(change => change.Value.Version == record.Version).Select(change => change.Key);

    private static ConsentEventState? EventOf(ConsentChange change, CategoryConsent now)
    {
        var before = change.Before.Decisions.FirstOrDefault(decision => decision.Purpose == now.Purpose && decision.Category == now.Category);
        var wasGranted = before?.Decision == ConsentDecision.Granted;
        if (now == before && !change.AskedAnew.Contains(now.Category)) return null;
        return now.Decision switch
        {
            ConsentDecision.Granted => wasGranted ? ConsentEventState.Reaffirmed : ConsentEventState.Given,
            ConsentDecision.Expired when wasGranted => change.Before.Renewals.Any(renewal => renewal.Purpose == now.Purpose && renewal.RenewBy <= change.DecidedAt)
                ? ConsentEventState.Invalidated
                : ConsentEventState.Expired,
            _ => wasGranted ? ConsentEventState.Withdrawn : ConsentEventState.Refused,
        };
    }
}

/// <summary>A category within a decision.</summary>
/// <param name="Category">The category of data.</param>
/// <param name="Decision">Its state from then on.</param>
/// <param name="Event">What this decision did to it; null if nothing.</param>
/// <param name="ValidUntil">When a grant ends, UTC; null: no end.</param>
/// <param name="KeepDays">Days its data are kept; null: not stored.</param>
/// <param name="KeepFrom">What they are counted from; null: from receipt.</param>
/// <param name="IsRestricted">True: granted, and kept from use by a restriction; null: not.</param>
public sealed record DecidedCategory(
    string Category, ConsentDecision Decision, ConsentEventState? Event = null, DateTimeOffset? ValidUntil = null, int? KeepDays = null, RetentionStart? KeepFrom = null,
    bool? IsRestricted = null);
