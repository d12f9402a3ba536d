namespace Personalization.Profile.Domain;

/// <summary>
/// Who belongs to a segment: <c>{all:[…]}</c>, <c>{any:[…]}</c>, <c>{not:…}</c> or <c>{measure, is, value}</c>. A comparison with a measure that has
/// no value doesn't hold, whichever it is.
/// </summary>
/// <param name="All">Each of these holds.</param>
/// <param name="Any">One of these holds.</param>
/// <param name="Not">This doesn't hold.</param>
/// <param name="Measure">What is compared.</param>
/// <param name="Is">How.</param>
/// <param name="Value">What with.</param>
public sealed record Rule(
    IReadOnlyList<Rule>? All = null, IReadOnlyList<Rule>? Any = null, Rule? Not = null, Measure? Measure = null, Comparison? Is = null, Operand? Value = null)
{
    // Beyond it the answer is a moment before which nothing changes, not the moment at which something does: asked again then, it goes on from there.
    private const int MostMomentsTried = 64;

    /// <summary>Whether it holds at a moment.</summary>
    public bool HoldsAt(Observations seen, DateTimeOffset at) => this switch
    {
        { All: { } all } => all.All(rule => rule.HoldsAt(seen, at)),
        { Any: { } any } => any.Any(rule => rule.HoldsAt(seen, at)),
        { Not: { } not } => !not.HoldsAt(seen, at),
        _ => Measure!.ValueAt(seen, at) is { } value && Value!.Holds(value, Is!.Value),
    };

    /// <summary>Whether it holds now, and until when that stands if nothing new is heard.</summary>
    public Evaluation Evaluate(Observations seen, DateTimeOffset now)
    {
        var holds = HoldsAt(seen, now);
        var tried = 0;
        foreach (var moment in MomentsOfChange(seen).Where(moment => moment > now).Distinct().Order())
        {
            if (HoldsAt(seen, moment) != holds || ++tried == MostMomentsTried) return new Evaluation(holds, moment);
        }

        return new Evaluation(holds, null);
    }

    /// <summary>Every comparison in it, with its place.</summary>
    public IEnumerable<(string Path, Rule Comparison)> Comparisons(string path) => this switch
    {
        { All: { } all } => all.SelectMany((rule, index) => rule.Comparisons($"{path}.all[{index}]")),
        { Any: { } any } => any.SelectMany((rule, index) => rule.Comparisons($"{path}.any[{index}]")),
        { Not: { } not } => not.Comparisons($"{path}.not"),
        _ => [(path, this)],
    };

    private IEnumerable<DateTimeOffset> MomentsOfChange(Observations seen) =>
        Comparisons("").SelectMany(pair => pair.Comparison.Measure!.MomentsOfChange(seen, pair.Comparison.Value));
}

/// <summary>What a rule says of a person.</summary>
/// <param name="Holds">Whether it holds.</param>
/// <param name="ChangesAt">The answer stands until then unless something new is heard; null: for ever.</param>
public sealed record Evaluation(bool Holds, DateTimeOffset? ChangesAt);
