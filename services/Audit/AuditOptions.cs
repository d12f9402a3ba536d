using System.ComponentModel.DataAnnotations;

namespace Personalization.Audit;

/// <summary>Section <c>Audit</c>.</summary>
public sealed record AuditOptions
{
    /// <summary>Seconds between two checkpoints, if there are new entries. Default 5, 1 to 3600.</summary>
    [Range(1, 3600)]
    public int CheckpointEverySeconds { get; init; } = 5;

    /// <summary>A file that each checkpoint is appended to, a JSON line each: on a disk that whoever runs this store can't write to. None if left out.</summary>
    public string? CheckpointFile { get; init; }

    /// <summary>Where each checkpoint is posted as JSON, to be kept by somebody else. None if left out.</summary>
    [Url]
    public string? CheckpointUrl { get; init; }
}
