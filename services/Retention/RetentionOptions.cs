using System.ComponentModel.DataAnnotations;

namespace Personalization.Retention;

/// <summary>Section <c>Retention</c>.</summary>
public sealed record RetentionOptions
{
    /// <summary>Seconds until an open case is sent to its participants again; doubled with each sending. Default 60, 1 to 3600.</summary>
    [Range(1, 3600)]
    public int ResendAfterSeconds { get; init; } = 60;

    /// <summary>Seconds that the doubling ends at. Default 3600, 1 to 86400.</summary>
    [Range(1, 86_400)]
    public int ResendAtMostSeconds { get; init; } = 3600;

    /// <summary>Hours after which an open case counts as overdue in the metrics. Default 24, 1 to 720.</summary>
    [Range(1, 720)]
    public int OverdueAfterHours { get; init; } = 24;
}
