using System.Text.Json.Serialization;

namespace Personalization.Profile.Domain;

/// <summary>How many people, as far as it may be told.</summary>
/// <param name="Count">Null: suppressed.</param>
/// <param name="Suppressed">So few that it could be about somebody; zero is suppressed too.</param>
public sealed record PeopleCount([property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] long? Count, bool Suppressed)
{
    /// <summary>
    /// Tells a count. It is rounded down to half the threshold, because rules can be anything: of two that differ in one person the counts would
    /// otherwise tell which of them holds for that person.
    /// </summary>
    public static PeopleCount Of(long count, int suppressBelow) =>
        count < suppressBelow ? new PeopleCount(null, true) : new PeopleCount(count - (count % Math.Max(1, suppressBelow / 2)), false);
}
