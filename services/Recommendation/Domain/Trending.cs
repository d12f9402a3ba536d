using System.Runtime.InteropServices;

namespace Personalization.Recommendation.Domain;

/// <summary>
/// What many persons liked lately: for each item the number of persons who liked it, a day counting half as much as one a week later. Numbers
/// of persons are kept by whole days, so taking a person out leaves exactly what would be there without them.
/// </summary>
/// <remarks>Only what at least <c>minSupport</c> persons liked within <see cref="WindowDays"/> days is in the list. Safe for concurrent use.</remarks>
public sealed class Trending(int minSupport)
{
    /// <summary>Older likings count nothing: less than a hundredth of today's.</summary>
    public const int WindowDays = 60;

    private const double HalfLifeDays = 7;
    private readonly Lock gate = new();
    private readonly Dictionary<string, Days> items = [];
    private readonly Dictionary<string, Liking[]> persons = [];
    private (int Day, IReadOnlyList<(string ItemId, double Score)> Items)? ranking;

    /// <summary>Makes these all the likings of the person; none takes the person out.</summary>
    /// <param name="person">The person.</param>
    /// <param name="likings">Items, each once, and when they were liked.</param>
    /// <param name="now">The current time.</param>
    public void Set(string person, IEnumerable<(string ItemId, DateTimeOffset Time)> likings, DateTimeOffset now)
    {
        lock (gate)
        {
            var oldest = DayOf(now) - WindowDays;
            var wanted = likings.Select(liking => (liking.ItemId, Day: DayOf(liking.Time))).Where(liking => liking.Day > oldest).ToArray();
            var current = persons.GetValueOrDefault(person) ?? [];
            if (wanted.Length == 0 && current.Length == 0) return;

            foreach (var liking in current)
            {
                if (--PersonsOn(liking.Item, liking.Day) == 0) liking.Item.Persons.Remove(liking.Day);
                if (liking.Item.Persons.Count == 0) items.Remove(liking.Item.ItemId);
            }

            if (wanted.Length == 0) persons.Remove(person);
            else persons[person] = [.. wanted.Select(Count)];
            ranking = null;
        }
    }

    /// <summary>The list of that day, the greatest score first.</summary>
    public IReadOnlyList<(string ItemId, double Score)> Ranking(DateTimeOffset now)
    {
        lock (gate)
        {
            var today = DayOf(now);
            if (ranking is { } known && known.Day == today) return known.Items;
            (string ItemId, double Score)[] ranked = [.. items.Values
                .Select(item => (item.ItemId, Days: item.Persons.Where(day => day.Key > today - WindowDays).ToArray()))
                .Where(item => item.Days.Sum(day => day.Value) >= minSupport)
                .Select(item => (item.ItemId, Score: item.Days.OrderBy(day => day.Key).Sum(day => day.Value * Math.Pow(2, Math.Min(0, day.Key - today) / HalfLifeDays))))
                .OrderByDescending(item => item.Score).ThenBy(item => item.ItemId, StringComparer.Ordinal)];
            ranking = (today, ranked);
            return ranked;
        }
    }

    private static int DayOf(DateTimeOffset time) => DateOnly.FromDateTime(time.UtcDateTime).DayNumber;

    private static ref int PersonsOn(Days item, int day) =>
        ref CollectionsMarshal.GetValueRefOrAddDefault(item.Persons, day, out _);

    private Liking Count((string ItemId, int Day) liking)
    {
        if (!items.TryGetValue(liking.ItemId, out var item)) items[liking.ItemId] = item = new Days(liking.ItemId);
        PersonsOn(item, liking.Day)++;
        return new Liking(item, liking.Day);
    }

    private readonly record struct Liking(Days Item, int Day);

    private sealed class Days(string itemId)
    {
        public string ItemId => itemId;

        public Dictionary<int, int> Persons { get; } = [];
    }
}
