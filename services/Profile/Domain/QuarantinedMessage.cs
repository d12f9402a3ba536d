using System.Globalization;
using System.Text.Json.Serialization;
using Personalization.Platform;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Profile.Domain;

/// <summary>
/// A message from the bus that is no event, sealed: with the subject's key where one can be told from it, else with a key of its day that is
/// destroyed after a week, because no erasure could find it. Once it is resolved only what was decided about it is left.
/// </summary>
public sealed record QuarantinedMessage : ISubjectDocument
{
    /// <summary>Days a message waits that is known to be about somebody.</summary>
    public const int KeepDays = 30;

    /// <summary>Days a message waits of which nobody knows whom it is about.</summary>
    public const int KeepUnattributedDays = 7;

    private const string DayKeys = "quarantine";

    /// <summary>A keyed hash of the event, or of the message where it has none: the same for every delivery, in whichever envelope.</summary>
    public required string Id { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public DataKeyId? DataKey => Body is null ? null : SubjectRef is null ? DayKey(DateOnly.FromDateTime(ReceivedAt.UtcDateTime)) : new DataKeyId(SubjectRef, Epoch);

    /// <summary>The subject's pseudonym, if one can be told from it.</summary>
    public string? SubjectRef { get; init; }

    /// <summary>The epoch it came in.</summary>
    public int Epoch { get; init; }

    /// <summary>The consent version it came under.</summary>
    public long ConsentVersion { get; init; }

    /// <summary>Why it is here; a stable word.</summary>
    public required string Reason { get; init; }

    /// <summary>When it came, UTC.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>Deleted then, resolved or not, UTC.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Bytes it has.</summary>
    public required int Size { get; init; }

    /// <summary>Its <c>type</c> attribute, if it can be one.</summary>
    public string? Type { get; init; }

    /// <summary>Its <c>source</c> attribute, if it can be one.</summary>
    public string? Source { get; init; }

    /// <summary>The message as it came; null once it is resolved.</summary>
    public byte[]? Body { get; init; }

    /// <summary>What was decided; null while it waits.</summary>
    public QuarantineResolution? Resolution { get; init; }

    /// <summary>The value it is listed by while it waits, or once it is resolved.</summary>
    [JsonIgnore]
    public string Place => $"{Json.FormatTime(ReceivedAt)}/{Id}";

    /// <summary>The key of what came on a day.</summary>
    public static DataKeyId DayKey(DateOnly day) => new(DayKeys, int.Parse(day.ToString("yyyyMMdd", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture));

    /// <summary>The message as it is put in quarantine.</summary>
    public static QuarantinedMessage Of(string id, ReadOnlyMemory<byte> body, ReceivedMessage seen, SubjectGate? gate, string reason, DateTimeOffset now) => new()
    {
        Id = id,
        SubjectRef = gate?.Id,
        Epoch = gate?.Epoch ?? 0,
        ConsentVersion = gate?.Version ?? 0,
        Reason = reason,
        ReceivedAt = now,
        ExpiresAt = now.AddDays(gate is null ? KeepUnattributedDays : KeepDays),
        Size = body.Length,
        Type = seen.Type,
        Source = seen.Source,
        Body = body.ToArray(),
    };

    /// <summary>What is left of it when it is resolved: nothing of the message, nor whom it was about.</summary>
    public QuarantinedMessage Resolve(QuarantineResolution resolution) => this with { Body = null, SubjectRef = null, Epoch = 0, ConsentVersion = 0, Resolution = resolution };
}

/// <summary>What an operator decided.</summary>
/// <param name="Action">What they did.</param>
/// <param name="Because">Why, in their words.</param>
/// <param name="At">When, UTC.</param>
/// <param name="Outcome">Of a replay: what became of the event.</param>
/// <param name="Reason">Of a replay that was refused: why; a stable word.</param>
public sealed record QuarantineResolution(QuarantineAction Action, string Because, DateTimeOffset At, EventOutcome? Outcome = null, string? Reason = null);

/// <summary>What can be done with a message in quarantine.</summary>
public enum QuarantineAction
{
    /// <summary>It was decided on as if it had come just then.</summary>
    Replayed,

    /// <summary>It was deleted.</summary>
    Discarded,
}
