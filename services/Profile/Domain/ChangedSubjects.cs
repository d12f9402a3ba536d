using System.Text.Json.Serialization;
using Personalization.Platform;
using Personalization.Platform.Storage;

namespace Personalization.Profile.Domain;

/// <summary>Somebody whose segments are to be evaluated.</summary>
/// <param name="SubjectRef">The subject's pseudonym.</param>
/// <param name="Epoch">The epoch whose data changed.</param>
public sealed record ChangedSubject(string SubjectRef, int Epoch);

/// <summary>
/// Whose segments are to be evaluated because of what a unit of work wrote: written with it, gone once they are evaluated. One document for all of
/// them, because a write for each would cost as much as storing what they did; of its own for every unit of work, so that those who store events
/// and those who evaluate never collide over it.
/// </summary>
public sealed record ChangedSubjects : IDocument
{
    /// <summary>A version 7 UUID.</summary>
    public required string Id { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Each once.</summary>
    public required IReadOnlyList<ChangedSubject> Subjects { get; init; }

    /// <summary>Orders them by age, no two alike.</summary>
    [JsonIgnore]
    public string Place => $"{Json.FormatTime(CreatedAt)}_{Id}";

    /// <summary>Of a unit of work.</summary>
    public static ChangedSubjects Of(IEnumerable<ChangedSubject> subjects, DateTimeOffset now) =>
        new() { Id = Guid.CreateVersion7(now).ToString("N"), CreatedAt = now, Subjects = [.. subjects.Distinct()] };

    /// <summary>Not less than the place of any that was written until then, and less than of those written later.</summary>
    public static string Through(DateTimeOffset time) => Json.FormatTime(time) + "~";
}
