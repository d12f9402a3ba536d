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
    /// person likes. Default: 20; 2 to 1,000.
    /// </summary>
    [Range(2, 1_000)]
    public int MinSupport { get; init; } = 20;

    /// <summary>
    /// Items up to which the model is EASE^R. At 10,000 it takes 0.4 GB, three times that while it is solved, and the Gram matrix 0.2 GB; all grow with
    /// the square. With more items it is item-kNN. Default: 10,000; 0 to 40,000.
    /// </summary>
    [Range(0, 40_000)]
    public int DenseItems { get; init; } = 10_000;

    /// <summary>
    /// Regularization of EASE^R, without a discount of popular items or a decay of older likings. Left out, which is the default, all three are chosen
    /// on a validation with each solution. 1 to 100,000.
    /// </summary>
    [Range(1, 100_000)]
    public double? Lambda { get; init; }

    /// <summary>Time within which what was added or taken away is in a newly solved model, in seconds. Default: 60; 2 to 3,600.</summary>
    [Range(2, 3_600)]
    public int SolveWithinSeconds { get; init; } = 60;

    /// <summary>Nearest items kept of each, with item-kNN. Default: 200; 10 to 10,000.</summary>
    [Range(10, 10_000)]
    public int Neighbours { get; init; } = 200;

    /// <summary>Added to the denominator of the cosine of item-kNN, so that items few persons like don't win by chance. Default: 10; 0.1 to 1,000.</summary>
    [Range(0.1, 1_000)]
    public double Shrinkage { get; init; } = 10;

    /// <summary>Signals kept of one person; beyond that the oldest leave. Default: 5,000; 10 to 20,000.</summary>
    [Range(10, 20_000)]
    public int HistoryLimit { get; init; } = 5_000;

    /// <summary>Days that "less like this" stands for an item the person has done nothing with. Default: 730; 1 to 3,650.</summary>
    [Range(1, 3_650)]
    public int FeedbackDays { get; init; } = 730;

    /// <summary>A person's newest likings that an answer is made from, which bounds the time of an answer. Default: 500; 1 to 20,000.</summary>
    [Range(1, 20_000)]
    public int ScoredLikings { get; init; } = 500;
}
