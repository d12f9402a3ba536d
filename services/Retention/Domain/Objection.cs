using System.Text.Json.Serialization;
using Personalization.Platform;
using Personalization.Platform.Storage;

namespace Personalization.Retention.Domain;

/// <summary>What somebody objects to.</summary>
public enum ObjectionTo
{
    /// <summary>An answer that was made from their data without a human (GDPR art. 22, 152-FZ art. 16).</summary>
    Decision,

    /// <summary>That their data is used for a purpose at all (GDPR art. 21(1)).</summary>
    Profiling,

    /// <summary>Advertising. There is nothing to decide: it ends (GDPR art. 21(2) and (3), 152-FZ art. 15).</summary>
    DirectMarketing,
}

/// <summary>What came of it.</summary>
public enum ObjectionOutcome
{
    /// <summary>The person is right.</summary>
    Upheld,

    /// <summary>It stays as it is, and the person is told why.</summary>
    Rejected,
}

/// <summary>The decision objected to, as its answer named it.</summary>
/// <param name="ModelVersion">The model that answered.</param>
/// <param name="ItemId">The item shown; null: the answer as a whole.</param>
/// <param name="ConsentVersion">The consent it was made under, if it was personal.</param>
public sealed record ObjectedDecision(string ModelVersion, string? ItemId = null, long? ConsentVersion = null);

/// <summary>A purpose that was revoked because of an objection.</summary>
/// <param name="Purpose">Its id.</param>
/// <param name="Version">The consent version that ended it.</param>
/// <param name="InForce">Whether every serving service had applied it when Consent answered.</param>
/// <param name="CaseId">The erasure case; null if there was nothing to end.</param>
public sealed record RevokedPurpose(string Purpose, long Version, bool InForce, string? CaseId = null);

/// <summary>
/// Somebody's objection, from the day it came to its answer and for the years after in which that has to be shown. Sealed with a key of its own, because
/// it outlives what the person permits: whoever takes everything back still gets an answer.
/// </summary>
public sealed record Objection : ISubjectDocument
{
    /// <summary>A version 7 UUID.</summary>
    public required string Id { get; init; }

    /// <summary>The subject's pseudonym.</summary>
    public required string SubjectRef { get; init; }

    /// <summary>The caller's id of the person: the answer has to reach them.</summary>
    public required string CustomerId { get; init; }

    /// <summary>What to.</summary>
    public required ObjectionTo To { get; init; }

    /// <summary>Of profiling: which purpose.</summary>
    public string? Purpose { get; init; }

    /// <summary>Of a decision: which.</summary>
    public ObjectedDecision? Decision { get; init; }

    /// <summary>The person's own words.</summary>
    public string? Statement { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>By when it has to be answered, UTC.</summary>
    public required DateTimeOffset DueAt { get; init; }

    /// <summary>Null while it is open.</summary>
    public ObjectionOutcome? Outcome { get; init; }

    /// <summary>What the person is told.</summary>
    public string? Answer { get; init; }

    /// <summary>What was revoked for it.</summary>
    public IReadOnlyList<RevokedPurpose> Revoked { get; init; } = [];

    /// <summary>UTC; null while it is open.</summary>
    public DateTimeOffset? ResolvedAt { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public DataKeyId? DataKey => new(SubjectRef, 0, $"objection-{Id}");

    /// <summary>Whether it waits for an answer.</summary>
    [JsonIgnore]
    public bool IsOpen => ResolvedAt is null;

    /// <summary>Listing by state: what is due first comes first, and what was resolved last.</summary>
    [JsonIgnore]
    public string StateOrder => PrefixOf(IsOpen) + (ResolvedAt is { } at ? Json.FormatNumber(DateTimeOffset.MaxValue.Ticks - at.UtcTicks) : Json.FormatTime(DueAt)) + "/" + Id;

    /// <summary>What <see cref="StateOrder"/> starts with in that state; ends with a slash.</summary>
    public static string PrefixOf(bool isOpen) => isOpen ? "open/" : "resolved/";

    /// <summary>Whether its time is over and it has no answer.</summary>
    public bool IsOverdue(DateTimeOffset now) => IsOpen && DueAt < now;

    /// <summary>With its answer.</summary>
    public Objection Resolve(ObjectionOutcome outcome, string? answer, IReadOnlyList<RevokedPurpose> revoked, DateTimeOffset now) =>
        this with { Outcome = outcome, Answer = answer, Revoked = revoked, ResolvedAt = now };
}
