using Personalization.Contracts.Retention;

namespace Personalization.Profile.Domain;

/// <summary>
/// How long something is kept whose end isn't fixed when it is collected: the rules of then, for what it is kept for. Rules that change make the terms tighter and never wider, because people
/// were told the narrower ones.
/// </summary>
/// <param name="LatestAt">It ends then at the latest, UTC.</param>
/// <param name="DaysFromActivity">Days after the person's last activity; null: that doesn't matter.</param>
/// <param name="DaysFromReached">By purpose: days after it is reached; null: that doesn't matter.</param>
public sealed record KeepingTerms(DateTimeOffset LatestAt, int? DaysFromActivity = null, IReadOnlyDictionary<string, int>? DaysFromReached = null)
{
    // Whatever its end waits for may never come.
    private const int LongestDays = 3650;

    /// <summary>Whether what happens later has a say in when it ends.</summary>
    public bool IsOpen => DaysFromActivity is not null || DaysFromReached is not null;

    /// <summary>The tightest of the rules for these purposes and categories, each of which has one.</summary>
    public static KeepingTerms Of(RetentionRules rules, IEnumerable<(string Purpose, string Category)> pairs, DateTimeOffset collectedAt)
    {
        var terms = new KeepingTerms(DateTimeOffset.MaxValue);
        foreach (var (purpose, category) in pairs)
        {
            var rule = rules.RuleOf(purpose, category)!;
            var latest = collectedAt.AddDays(LongestDays);
            terms = terms.And(rule.From switch
            {
                RetentionStart.LastActivity => new KeepingTerms(latest, DaysFromActivity: Math.Min(rule.KeepDays, LongestDays)),
                RetentionStart.PurposeReached => new KeepingTerms(latest, DaysFromReached: new Dictionary<string, int> { [purpose] = Math.Min(rule.KeepDays, LongestDays) }),
                RetentionStart.ConsentEnded => new KeepingTerms(latest),
                _ => new KeepingTerms(collectedAt + rules.KeepFor(purpose, category)!.Value),
            });
        }

        return terms;
    }

    /// <summary>The tighter of both, term by term.</summary>
    public KeepingTerms And(KeepingTerms other) => new(
        LatestAt < other.LatestAt ? LatestAt : other.LatestAt,
        Least(DaysFromActivity, other.DaysFromActivity),
        DaysFromReached is null ? other.DaysFromReached
            : other.DaysFromReached is null ? DaysFromReached
            : DaysFromReached.Concat(other.DaysFromReached).GroupBy(days => days.Key).ToDictionary(days => days.Key, days => days.Min(pair => pair.Value)));

    /// <summary>After what is known of the person now: a purpose that was reached since it was collected fixes an end.</summary>
    public KeepingTerms After(SubjectActivity? activity, DateTimeOffset collectedAt)
    {
        var latest = LatestAt;
        foreach (var (purpose, days) in DaysFromReached ?? new Dictionary<string, int>())
        {
            if (activity?.Reached.TryGetValue(purpose, out var reached) == true && reached >= collectedAt && reached.AddDays(days) < latest) latest = reached.AddDays(days);
        }

        return this with { LatestAt = latest };
    }

    /// <summary>When it ends, as far as is known now.</summary>
    public DateTimeOffset EndOf(SubjectActivity? activity, DateTimeOffset collectedAt)
    {
        var latest = After(activity, collectedAt).LatestAt;
        if (DaysFromActivity is not { } days) return latest;
        var end = (activity?.LastAt > collectedAt ? activity.LastAt : collectedAt).AddDays(days);
        return end < latest ? end : latest;
    }

    /// <summary>Whether both say the same.</summary>
    public bool SaysTheSameAs(KeepingTerms other) =>
        LatestAt == other.LatestAt && DaysFromActivity == other.DaysFromActivity
        && (DaysFromReached ?? new Dictionary<string, int>()).OrderBy(days => days.Key, StringComparer.Ordinal)
            .SequenceEqual((other.DaysFromReached ?? new Dictionary<string, int>()).OrderBy(days => days.Key, StringComparer.Ordinal));

    private static int? Least(int? one, int? other) => one is null ? other : other is null ? one : Math.Min(one.Value, other.Value);
}
