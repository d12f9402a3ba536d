using Personalization.Platform.Privacy;

namespace Personalization.Profile.Domain;

/// <summary>Which segments a person belongs to.</summary>
/// <param name="Entered">New ones.</param>
/// <param name="Renewed">Those that go on, found again.</param>
/// <param name="Left">Those that ended.</param>
/// <param name="ChangesAt">Before that nothing changes by time alone; null: never.</param>
public sealed record Membership(
    IReadOnlyList<SegmentMember> Entered, IReadOnlyList<SegmentMember> Renewed, IReadOnlyList<SegmentMember> Left, DateTimeOffset? ChangesAt)
{
    /// <summary>Evaluates a person.</summary>
    /// <param name="segments">All segments.</param>
    /// <param name="types">The declared event types.</param>
    /// <param name="data">What is held of the person.</param>
    /// <param name="gate">The person's consent.</param>
    /// <param name="before">What was found before.</param>
    /// <param name="now">The current time.</param>
    public static Membership Of(
        IReadOnlyCollection<Segment> segments, IReadOnlyDictionary<string, EventType> types, IReadOnlyCollection<ProfileDatum> data, SubjectGate gate,
        IReadOnlyCollection<SegmentMember> before, DateTimeOffset now)
    {
        var known = before.ToDictionary(member => member.SegmentId);
        var seen = segments.Select(segment => segment.Purpose).Distinct().ToDictionary(purpose => purpose, purpose => Observations.Of(data, gate, purpose));
        var (entered, renewed) = (new List<SegmentMember>(), new List<SegmentMember>());
        DateTimeOffset? changesAt = null;
        foreach (var segment in segments)
        {
            var (belongs, until) = Evaluate(segment, types, seen[segment.Purpose], gate, now);
            if (until < (changesAt ?? DateTimeOffset.MaxValue)) changesAt = until;
            if (!belongs) continue;
            var earlier = known.GetValueOrDefault(segment.Id) is { } member && member.Epoch == gate.Epoch ? member : null;
            (earlier is null ? entered : renewed).Add(new SegmentMember
            {
                SubjectRef = gate.Id,
                Epoch = gate.Epoch,
                SegmentId = segment.Id,
                SegmentVersion = segment.Version,
                Purpose = segment.Purpose,
                ConsentVersion = gate.Version,
                NarrowedBy = gate.NarrowedBy,
                Since = earlier?.Since ?? now,
                Until = until,
            });
        }

        var current = entered.Concat(renewed).Select(member => member.SegmentId).ToHashSet();
        return new Membership(entered, renewed, [.. before.Where(member => !current.Contains(member.SegmentId))], changesAt);
    }

    /// <summary>
    /// Whether a person belongs to a segment. Whoever doesn't permit what its rule asks for doesn't, whatever the rule says: "has not bought anything"
    /// can't be told of somebody whose purchases aren't ours to know.
    /// </summary>
    public static Evaluation Evaluate(Segment segment, IReadOnlyDictionary<string, EventType> types, Observations seen, SubjectGate gate, DateTimeOffset now)
    {
        var fields = new UsableFields(segment.Purpose, types);
        var permitted = gate.Grants.Where(grant => grant.Purpose == segment.Purpose && (grant.ValidUntil is not { } until || now < until)).ToArray();
        if (permitted.Length == 0 || !fields.Permit(segment.Rule) || !fields.AreShown(segment.Rule, permitted.Select(grant => grant.Category).ToHashSet().Contains))
            return new Evaluation(false, null);
        var evaluation = segment.Rule.Evaluate(seen, now);
        var lapses = permitted.Min(grant => grant.ValidUntil);
        return lapses < (evaluation.ChangesAt ?? DateTimeOffset.MaxValue) ? evaluation with { ChangesAt = lapses } : evaluation;
    }
}
