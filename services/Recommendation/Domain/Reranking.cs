using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Personalization.Recommendation.Domain;

/// <summary>What happens to a list between its scores and the person.</summary>
public static class Reranking
{
    /// <summary>
    /// Maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998): the next item is the one with the greatest
    /// (1 - diversity) * score / best score - diversity * likeness, likeness being the greatest Jaccard index of its topics and category with
    /// those of an item chosen before.
    /// </summary>
    /// <param name="candidates">The best first.</param>
    /// <param name="diversity">0 to 1; 0 keeps the order.</param>
    /// <param name="limit">Items at most.</param>
    public static IReadOnlyList<T> Diversify<T>(IReadOnlyList<T> candidates, Func<T, double> scoreOf, Func<T, Item?> itemOf, double diversity, int limit)
    {
        if (diversity == 0 || candidates.Count < 2) return [.. candidates.Take(limit)];
        var best = scoreOf(candidates[0]);
        var labels = candidates.Select(candidate => LabelsOf(itemOf(candidate))).ToArray();
        var likeness = new double[candidates.Count];
        var isChosen = new bool[candidates.Count];
        var chosen = new List<T>(limit);
        while (chosen.Count < limit && chosen.Count < candidates.Count)
        {
            var (next, most) = (-1, double.NegativeInfinity);
            for (var i = 0; i < candidates.Count; i++)
            {
                if (isChosen[i]) continue;
                var worth = ((1 - diversity) * scoreOf(candidates[i]) / best) - (diversity * likeness[i]);
                if (worth > most) (next, most) = (i, worth);
            }

            isChosen[next] = true;
            chosen.Add(candidates[next]);
            for (var i = 0; i < candidates.Count; i++)
            {
                if (!isChosen[i]) likeness[i] = Math.Max(likeness[i], Likeness(labels[i], labels[next]));
            }
        }

        return chosen;
    }

    /// <summary>Chance that is the same all day for one person in one placement, so that an answer asked for again is the same.</summary>
    public static Random ChanceOf(string subjectRef, string placement, DateTimeOffset now)
    {
        var seed = SHA256.HashData(Encoding.UTF8.GetBytes($"{subjectRef}\n{placement}\n{now.UtcDateTime:yyyy-MM-dd}"));
        return new Random(BinaryPrimitives.ReadInt32BigEndian(seed));
    }

    /// <summary>When <see cref="ChanceOf"/> is another.</summary>
    public static DateTimeOffset ChanceUntil(DateTimeOffset now) => new(now.UtcDateTime.Date.AddDays(1), TimeSpan.Zero);

    private static string[] LabelsOf(Item? item) => item switch
    {
        null => [],
        { Category: { } category } when !item.Topics.Contains(category) => [category, .. item.Topics],
        _ => item.Topics as string[] ?? [.. item.Topics],
    };

    private static double Likeness(string[] one, string[] other)
    {
        if (one.Length == 0 || other.Length == 0) return 0;
        var common = 0;
        foreach (var label in one)
        {
            if (Array.IndexOf(other, label) >= 0) common++;
        }

        return (double)common / (one.Length + other.Length - common);
    }
}
