using System.Globalization;
using System.Text.Json.Serialization;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Domain;

/// <summary>What a change counts as, for one purpose.</summary>
public enum CountedAs
{
    /// <summary>Agreed, also anew or to more than before.</summary>
    Granted,

    /// <summary>Refused what wasn't granted.</summary>
    Denied,

    /// <summary>Took back something or all.</summary>
    Revoked,

    /// <summary>Its validity ended, or it lapsed.</summary>
    Expired,
}

/// <summary>A change on its way to the counts; nothing in it is about a person.</summary>
/// <param name="Purpose">The purpose.</param>
/// <param name="As">What it counts as.</param>
/// <param name="TimeBucket">Of <see cref="DecisionTime"/>, if the notice's serving was recorded and the person agreed or refused.</param>
public sealed record CountedDecision(string Purpose, CountedAs As, int? TimeBucket = null);

/// <summary>How many people decided on a purpose on one day (UTC, of recording). Never changed once the day is over.</summary>
public sealed record DecisionTally : IDocument
{
    /// <inheritdoc/>
    [JsonIgnore]
    public string Id => IdOf(Purpose, Day);

    /// <summary>The purpose.</summary>
    public required string Purpose { get; init; }

    /// <summary>The day.</summary>
    public required DateOnly Day { get; init; }

    /// <summary>People who agreed.</summary>
    public long Granted { get; init; }

    /// <summary>People who refused.</summary>
    public long Denied { get; init; }

    /// <summary>People who took something back.</summary>
    public long Revoked { get; init; }

    /// <summary>People whose grant ended by itself.</summary>
    public long Expired { get; init; }

    /// <summary>How many of those who agreed or refused took how long, by bucket.</summary>
    public IReadOnlyList<long> TimeToDecision { get; init; } = new long[DecisionTime.Buckets];

    /// <summary>With one more.</summary>
    public DecisionTally Add(CountedDecision counted) => this with
    {
        Granted = Granted + (counted.As == CountedAs.Granted ? 1 : 0),
        Denied = Denied + (counted.As == CountedAs.Denied ? 1 : 0),
        Revoked = Revoked + (counted.As == CountedAs.Revoked ? 1 : 0),
        Expired = Expired + (counted.As == CountedAs.Expired ? 1 : 0),
        TimeToDecision = [.. TimeToDecision.Select((count, bucket) => bucket == counted.TimeBucket ? count + 1 : count)],
    };

    /// <summary>The place of a purpose's day; places of one purpose are ordered by day.</summary>
    public static string IdOf(string purpose, DateOnly day) => string.Create(CultureInfo.InvariantCulture, $"{purpose}/{day:yyyy-MM-dd}");
}

/// <summary>How often a purpose's notices were shown on one day (UTC).</summary>
public sealed record ServedTally : IDocument
{
    /// <inheritdoc/>
    [JsonIgnore]
    public string Id => DecisionTally.IdOf(Purpose, Day);

    /// <summary>The purpose.</summary>
    public required string Purpose { get; init; }

    /// <summary>The day.</summary>
    public required DateOnly Day { get; init; }

    /// <summary>How often; how many people saw them isn't known.</summary>
    public long Served { get; init; }
}

/// <summary>Fixed buckets of the time from serving a notice to the decision on it. They are wide so that a median names nobody's minute.</summary>
public static class DecisionTime
{
    /// <summary>Upper bounds, exclusive, in seconds; the last bucket has none.</summary>
    private static readonly int[] Bounds = [2, 5, 10, 20, 30, 60, 120, 300, 900, 3600, 86_400];

    /// <summary>How many buckets there are.</summary>
    public static int Buckets => Bounds.Length + 1;

    /// <summary>The bucket of a time; a clock that runs ahead makes it no less than nothing.</summary>
    public static int BucketOf(TimeSpan time) => Bounds.TakeWhile(bound => time.TotalSeconds >= bound).Count();

    /// <summary>The bounds of a bucket, in seconds.</summary>
    public static (int From, int? To) BoundsOf(int bucket) => (bucket == 0 ? 0 : Bounds[bucket - 1], bucket < Bounds.Length ? Bounds[bucket] : null);

    /// <summary>The bucket that holds the (lower) median, or null if there is nothing in any.</summary>
    public static int? MedianOf(IReadOnlyList<long> counts)
    {
        var half = (counts.Sum() + 1) / 2;
        var seen = 0L;
        for (var bucket = 0; half > 0 && bucket < counts.Count; bucket++)
        {
            if ((seen += counts[bucket]) >= half) return bucket;
        }

        return null;
    }
}
