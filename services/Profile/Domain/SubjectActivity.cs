using System.Text.Json.Serialization;
using Personalization.Platform.Storage;

namespace Personalization.Profile.Domain;

/// <summary>When somebody was last active, and which purposes were reached: kept only where a retention rule counts from it.</summary>
public sealed record SubjectActivity : ISubjectDocument
{
    // Nobody's period depends on the minute, and every event would write it.
    private static readonly TimeSpan Resolution = TimeSpan.FromHours(1);

    /// <inheritdoc/>
    [JsonIgnore]
    public string Id => SubjectRef;

    /// <inheritdoc/>
    [JsonIgnore]
    public DataKeyId? DataKey => new(SubjectRef, Epoch);

    /// <summary>The pseudonym.</summary>
    public required string SubjectRef { get; init; }

    /// <summary>The epoch it was seen in.</summary>
    public required int Epoch { get; init; }

    /// <summary>The last event that was taken, to the hour, UTC.</summary>
    public required DateTimeOffset LastAt { get; init; }

    /// <summary>By purpose: when it was last reached, UTC.</summary>
    public IReadOnlyDictionary<string, DateTimeOffset> Reached { get; init; } = new Dictionary<string, DateTimeOffset>();

    /// <summary>When a purpose was reached that the person's data wasn't compared with yet, UTC; null: there is none.</summary>
    public DateTimeOffset? ReachedSince { get; init; }

    /// <summary>After an event that was taken. Null if that is known closely enough.</summary>
    /// <param name="known">What is known of the person, or null.</param>
    /// <param name="subjectRef">The person.</param>
    /// <param name="epoch">The present epoch.</param>
    /// <param name="reaches">The purposes that the event says are reached.</param>
    /// <param name="now">The current time.</param>
    public static SubjectActivity? Seen(SubjectActivity? known, string subjectRef, int epoch, IReadOnlyList<string> reaches, DateTimeOffset now)
    {
        var current = known?.Epoch == epoch ? known : null;
        if (current is not null && reaches.Count == 0 && now - current.LastAt < Resolution) return null;
        var next = current is null ? new SubjectActivity { SubjectRef = subjectRef, Epoch = epoch, LastAt = now } : current with { LastAt = now };
        return reaches.Count == 0 ? next : next with
        {
            Reached = next.Reached.Where(reached => !reaches.Contains(reached.Key)).Concat(reaches.Select(purpose => KeyValuePair.Create(purpose, now))).ToDictionary(),
            ReachedSince = now,
        };
    }
}
