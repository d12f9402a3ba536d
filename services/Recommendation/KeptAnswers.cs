namespace Personalization.Recommendation;

/// <summary>The answers made last, to be given again while a new one would be made from the same. Safe for concurrent use; of answers kept at the same time one may be lost.</summary>
/// <param name="most">How many it keeps.</param>
internal sealed class KeptAnswers<TSource>(int most)
    where TSource : struct, IEquatable<TSource>
{
    // The newest first.
    private volatile Made[] answers = [];

    /// <summary>The answer made from that and still standing; null if there is none.</summary>
    public PreparedAnswer? Find(TSource source, DateTimeOffset now)
    {
        foreach (var made in answers)
        {
            if (made.Source.Equals(source)) return now < made.Until ? made.Answer : null;
        }

        return null;
    }

    /// <param name="source">All that it was made from.</param>
    /// <param name="until">When it stops to stand though nothing changes.</param>
    /// <param name="answer">The answer.</param>
    public void Keep(TSource source, DateTimeOffset until, PreparedAnswer answer) =>
        answers = [new Made(source, until, answer), .. answers.Where(made => !made.Source.Equals(source)).Take(most - 1)];

    private sealed record Made(TSource Source, DateTimeOffset Until, PreparedAnswer Answer);
}
