namespace Personalization.Retention.Domain;

/// <summary>By when an erasure has to be done.</summary>
/// <param name="DueAt">UTC.</param>
/// <param name="IsEstimated">Whether it was counted through a year of which only the statutory holidays are known.</param>
public sealed record ErasureDeadline(DateTimeOffset DueAt, bool IsEstimated = false);
