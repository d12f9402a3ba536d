using System.ComponentModel.DataAnnotations;

namespace Personalization.Recommendation;

/// <summary>Section <c>Recommendation</c>.</summary>
public sealed record RecommendationOptions
{
    /// <summary>The purpose a person must have granted for a signal to be kept, learnt from or shown as a reason. Default: recommendations.</summary>
    [Required]
    public string Purpose { get; init; } = "recommendations";

    /// <summary>A signal with a value counts as liking from this value on; one without a value always does. Default: 3.0 (of 5).</summary>
    public double PositiveFrom { get; init; } = 3.0;

    /// <summary>
    /// Persons an item needs before the model holds it. With fewer, a weight or a place in the list of popular items could show what a single
    /// person likes. Default: 5; 2 to 1,000.
    /// </summary>
    [Range(2, 1_000)]
    public int MinSupport { get; init; } = 5;

    /// <summary>Added to the denominator of the cosine, so that items few persons like don't win by chance. Default: 10; 0.1 to 1,000.</summary>
    [Range(0.1, 1_000)]
    public double Shrinkage { get; init; } = 10;

    /// <summary>Signals kept of one person; beyond that the oldest leave. Default: 5,000; 10 to 20,000.</summary>
    [Range(10, 20_000)]
    public int HistoryLimit { get; init; } = 5_000;

    /// <summary>A person's newest likings that an answer is made from, which bounds the time of an answer. Default: 500; 1 to 20,000.</summary>
    [Range(1, 20_000)]
    public int ScoredLikings { get; init; } = 500;
}
