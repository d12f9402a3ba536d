using System.Text.Json.Serialization;
using Personalization.Platform.Storage;

namespace Personalization.Profile.Domain;

/// <summary>
/// That a person's segments are to be evaluated: written with what may have changed them. Each change adds one of its own, so that those who
/// store events and those who evaluate never collide over it; besides there is one for the next change by time alone.
/// </summary>
public sealed record DueEvaluation : IDocument
{
    /// <inheritdoc/>
    [JsonIgnore]
    public string Id => $"{SubjectRef}/{Cause}";

    /// <summary>The subject's pseudonym.</summary>
    public required string SubjectRef { get; init; }

    /// <summary>The epoch whose data changed.</summary>
    public required int Epoch { get; init; }

    /// <summary>Tells it from the others that wait for the same person.</summary>
    public required string Cause { get; init; }

    /// <summary>From when on, UTC.</summary>
    public required DateTimeOffset DueAt { get; init; }

    /// <summary>What changes by time alone.</summary>
    public const string Time = "time";

    /// <summary>Because of something that was written now.</summary>
    public static DueEvaluation Now(string subjectRef, int epoch, DateTimeOffset now) =>
        new() { SubjectRef = subjectRef, Epoch = epoch, Cause = Guid.CreateVersion7().ToString("N"), DueAt = now };

    /// <summary>Where the one is that waits for time to pass.</summary>
    public static string TimeIdOf(string subjectRef) => $"{subjectRef}/{Time}";
}
