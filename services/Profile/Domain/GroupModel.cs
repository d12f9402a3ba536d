using System.Text.Json.Serialization;
using Personalization.Platform.Storage;

namespace Personalization.Profile.Domain;

/// <summary>A group of people who behave alike.</summary>
/// <param name="Name">A letter, by size.</param>
/// <param name="People">How many, if it may be told; a group that is too small isn't kept at all.</param>
/// <param name="Description">What distinguishes it, in words.</param>
/// <param name="Differences">How far its mean lies from everybody's, in standard deviations, by side of behaviour.</param>
public sealed record BehaviourGroup(string Name, PeopleCount People, string Description, IReadOnlyDictionary<string, double> Differences);

/// <summary>Behavioural groups for one purpose: means of many people, and nobody's row.</summary>
public sealed record GroupModel : IDocument
{
    // Below it there is no substantial structure (Kaufman and Rousseeuw 1990): groups would be told that aren't there.
    private const double LeastSilhouette = 0.25;
    private const int MostGroups = 8;
    private const int MostMeasured = 1000;
    private const double Remarkable = 0.5;
    private const int MostWords = 3;

    /// <summary>It is the next to be learnt.</summary>
    public const string NotLearntYet = "not-learnt-yet";

    /// <summary>Not even two groups of enough people could be made of those who permit the purpose and did anything.</summary>
    public const string TooFewPeople = "too-few-people";

    /// <summary>People differ, but not in groups.</summary>
    public const string NothingStandsApart = "nothing-stands-apart";

    /// <summary>There are groups, but each has fewer people than may be told of.</summary>
    public const string GroupsTooSmall = "groups-too-small";

    /// <inheritdoc/>
    [JsonIgnore]
    public string Id => Purpose;

    /// <summary>Whose consent counts, and what they may be used for.</summary>
    public required string Purpose { get; init; }

    /// <summary>When they were learnt, UTC; null: not yet.</summary>
    public DateTimeOffset? LearntAt { get; init; }

    /// <summary>How many people there were then, whether they permit the purpose or not. Once they are twice as many, it is learnt anew.</summary>
    public long Of { get; init; }

    /// <summary>The mean silhouette of the number of groups chosen; null if no number gave groups that stand apart.</summary>
    public double? Silhouette { get; init; }

    /// <summary>Why there are no groups, a stable word; null if there are.</summary>
    public string? Reason { get; init; }

    /// <summary>The largest first.</summary>
    public required IReadOnlyList<BehaviourGroup> Groups { get; init; }

    /// <summary>
    /// Learns groups: the sides are standardized (what somebody has no number for counts as everybody's mean), k-means divides into 2 to 8 groups, and
    /// the number with the greatest mean silhouette is taken, if that is at least 0.25: of those that leave no group too small to be told, if there are such.
    /// </summary>
    /// <param name="purpose">The purpose.</param>
    /// <param name="behaviours">Everybody's numbers.</param>
    /// <param name="all">How many people these stand for.</param>
    /// <param name="suppressBelow">Smaller groups are left out.</param>
    /// <param name="now">The current time.</param>
    public static GroupModel Learn(string purpose, IReadOnlyList<double[]> behaviours, long all, int suppressBelow, DateTimeOffset now)
    {
        var none = new GroupModel { Purpose = purpose, LearntAt = now, Groups = [] };
        if (behaviours.Count < Math.Max(2 * suppressBelow, 3)) return none with { Reason = TooFewPeople };
        var points = Standardize(behaviours);

        // Rows come in the order of keyed hashes: the first ones are a sample by chance.
        var found = new List<(bool IsTold, double Silhouette, Clustering Clustering)>();
        for (var groups = 2; groups <= Math.Min(MostGroups, points.Length - 1); groups++)
        {
            var clustering = KMeans.Divide(points, groups);
            double[][] measured = [.. points.Take(MostMeasured)];
            int[] groupOf = [.. clustering.GroupOf.Take(MostMeasured)];
            if (groupOf.Distinct().Count() < 2) continue;
            var silhouette = KMeans.Silhouette(measured, groupOf);
            if (silhouette >= LeastSilhouette) found.Add((clustering.GroupOf.CountBy(group => group).All(group => group.Value >= suppressBelow), silhouette, clustering));
        }

        if (found.Count == 0) return none with { Reason = NothingStandsApart };
        var (_, best, chosen) = found.OrderByDescending(division => division.IsTold).ThenByDescending(division => division.Silhouette).First();
        var large = chosen.GroupOf.CountBy(group => group).Where(group => group.Value >= suppressBelow).OrderByDescending(group => group.Value).ThenBy(group => group.Key);
        BehaviourGroup[] groupsTold = [.. large.Select((group, index) => Describe((char)('A' + index), chosen.Means[group.Key], PeopleCount.Of(group.Value * all / behaviours.Count, suppressBelow)))];
        return none with { Silhouette = Math.Round(best, 2), Reason = groupsTold.Length == 0 ? GroupsTooSmall : null, Groups = groupsTold };
    }

    private static BehaviourGroup Describe(char letter, double[] mean, PeopleCount people)
    {
        var differences = Behaviour.Sides.Select((side, index) => (Side: side, By: mean[index])).ToArray();
        string[] words =
        [
            .. differences.Where(difference => Math.Abs(difference.By) >= Remarkable).OrderByDescending(difference => Math.Abs(difference.By))
                .Select(difference => difference.By > 0 ? difference.Side.More : difference.Side.Less).OfType<string>().Take(MostWords),
        ];
        return new BehaviourGroup(
            $"group {letter}", people, words.Length == 0 ? "like most" : string.Join(", ", words),
            differences.ToDictionary(difference => difference.Side.Name, difference => Math.Round(difference.By, 1)));
    }

    private static double[][] Standardize(IReadOnlyList<double[]> behaviours)
    {
        var columns = Enumerable.Range(0, Behaviour.Sides.Count).Select(side =>
        {
            double[] known = [.. behaviours.Select(row => row[side]).Where(number => !double.IsNaN(number))];
            var mean = known.Length == 0 ? 0 : known.Average();
            var deviation = known.Length == 0 ? 0 : Math.Sqrt(known.Average(number => (number - mean) * (number - mean)));
            return (Mean: mean, Deviation: deviation);
        }).ToArray();
        return
        [
            .. behaviours.Select(row => row.Select((number, side) =>
                double.IsNaN(number) || columns[side].Deviation < 1e-9 ? 0 : (number - columns[side].Mean) / columns[side].Deviation).ToArray()),
        ];
    }
}
