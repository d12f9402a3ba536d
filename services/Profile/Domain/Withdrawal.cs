using System.Text.Json.Serialization;
using Personalization.Platform;
using Personalization.Platform.Storage;

namespace Personalization.Profile.Domain;

/// <summary>
/// That somebody took purposes back, for product services that hold lists with them. It outlives the erasure that follows, as long as a list may be
/// used, and is therefore sealed with a key of the day it ends on, which is destroyed then.
/// </summary>
public sealed record Withdrawal : ISubjectDocument
{
    // Whoever fetches at the last moment still has to strike people off.
    private static readonly TimeSpan Margin = TimeSpan.FromHours(1);

    /// <inheritdoc/>
    [JsonIgnore]
    public string Id => IdOf(Number);

    /// <inheritdoc/>
    [JsonIgnore]
    public DataKeyId? DataKey => KeyOf(ExpiresAt);

    /// <summary>The place of the change in the consent stream.</summary>
    public required long Number { get; init; }

    /// <summary>The caller's id of the person.</summary>
    public required string CustomerId { get; init; }

    /// <summary>The purposes that are permitted less than before.</summary>
    public required IReadOnlyList<string> Purposes { get; init; }

    /// <summary>When it was decided, UTC.</summary>
    public required DateTimeOffset DecidedAt { get; init; }

    /// <summary>The end of a day, UTC: those of a day go together.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Where the withdrawal of a change is.</summary>
    public static string IdOf(long number) => Json.FormatNumber(number);

    /// <summary>The key of all withdrawals that end at that time.</summary>
    public static DataKeyId KeyOf(DateTimeOffset expiresAt) => new("withdrawals", DateOnly.FromDateTime(expiresAt.UtcDateTime).DayNumber);

    /// <summary>The end of the day on which nobody may use a list any more that was made before now.</summary>
    public static DateTimeOffset EndOf(DateTimeOffset now, TimeSpan usableFor) => new(now.UtcDateTime.Add(usableFor + Margin).Date.AddDays(1), TimeSpan.Zero);
}
