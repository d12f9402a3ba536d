namespace Personalization.Recommendation.Domain;

/// <summary>
/// What somebody liked lately says more of what they will like next: a liking that n newer ones followed weighs (1 + n) to the power of -decay.
/// By rank and not by time, so that who was away for a year has as much to go by as before.
/// </summary>
internal static class RecencyDecay
{
    /// <summary>To choose from, none first. In great steps, as the best is broad.</summary>
    public static IReadOnlyList<double> Choices { get; } = [0, 0.3, 0.6, 0.9];

    public static float WeightOf(int newer, double decay) => (float)Math.Pow(1 + newer, -decay);

    /// <summary>
    /// Multiplies the weights of likings, oldest first, in their place. What is unwanted neither fades nor counts as newer: its place is that of
    /// what the person once did, not of what they said of it.
    /// </summary>
    public static void Apply(List<PlacedLiking> likings, double decay)
    {
        if (decay == 0) return;
        var newer = 0;
        for (var i = likings.Count - 1; i >= 0; i--)
        {
            if (likings[i].Weight > 0) likings[i] = likings[i] with { Weight = likings[i].Weight * WeightOf(newer++, decay) };
        }
    }
}
