using Personalization.Contracts.Consent;
using Personalization.Platform;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Domain;

/// <summary>Which of the consent events a change becomes.</summary>
public enum ChangeKind
{
    /// <summary>Something more is permitted and nothing less.</summary>
    Granted,

    /// <summary>The person narrowed it, or refused what was never granted.</summary>
    Revoked,

    /// <summary>Its validity ended.</summary>
    Expired,
}

/// <summary>A change in the same write as the decision, waiting for its number in the stream.</summary>
public sealed record PendingChange : IDocument
{
    /// <summary>Subject ref and version.</summary>
    public required string Id { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>What it becomes.</summary>
    public required ChangeKind Kind { get; init; }

    /// <summary>The state, still without number.</summary>
    public required ConsentSnapshot Consent { get; init; }

    /// <summary>What is no longer permitted.</summary>
    public required IReadOnlyList<NarrowedConsent> Narrowed { get; init; }

    /// <summary>The last grant went.</summary>
    public required bool EpochEnded { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset DecidedAt { get; init; }

    /// <summary>What it adds to the counts.</summary>
    public IReadOnlyList<CountedDecision> Counted { get; init; } = [];

    /// <summary>Hash of the decision's link in the subject's chain.</summary>
    public string? LedgerHash { get; init; }

    /// <summary>W3C trace parent of the request.</summary>
    public string? TraceParent { get; init; }
}

/// <summary>A numbered, signed event of the stream that every service follows. Clear: it is what the gates hold.</summary>
public sealed record StreamEntry : IDocument
{
    /// <summary>The number, in the form that sorts.</summary>
    public required string Id { get; init; }

    /// <summary>The subject's pseudonym.</summary>
    public required string SubjectRef { get; init; }

    /// <summary>The event.</summary>
    public required ConsentStreamEntry Entry { get; init; }
}

/// <summary>The highest number given out.</summary>
public sealed record StreamHead : IDocument
{
    /// <summary>The one id.</summary>
    public const string Only = "head";

    /// <summary>Nothing was given a number yet.</summary>
    public static readonly StreamHead None = new() { Number = 0 };

    /// <inheritdoc/>
    public string Id => Only;

    /// <summary>The number.</summary>
    public required long Number { get; init; }

    /// <summary>The highest number that is known to have been given out, if that is more: the store was restored from a copy that misses decisions.</summary>
    public long KnownThrough { get; init; }

    /// <summary>Whether decisions are missing that were in force. Until a newer copy is restored none is taken, and no service relies on consents.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsBehind => KnownThrough > Number;

    /// <summary>After hearing of a number; null: that is no news.</summary>
    public StreamHead? Hear(long number) => number > Number && number > KnownThrough ? this with { KnownThrough = number } : null;
}

/// <summary>The newest version of a subject's consent that a serving service said it applied.</summary>
public sealed record AppliedConsent : IDocument
{
    /// <inheritdoc/>
    public string Id => IdOf(SubjectRef, Service);

    /// <summary>The subject's pseudonym.</summary>
    public required string SubjectRef { get; init; }

    /// <summary>The service.</summary>
    public required string Service { get; init; }

    /// <summary>The version.</summary>
    public required long Version { get; init; }

    /// <summary>When, by the service's clock, UTC.</summary>
    public required DateTimeOffset AppliedAt { get; init; }

    /// <summary>Since when each purpose's present state is in force there, UTC.</summary>
    public IReadOnlyDictionary<string, DateTimeOffset> Since { get; init; } = new Dictionary<string, DateTimeOffset>();

    /// <summary>The place of a subject's and service's document.</summary>
    public static string IdOf(string subjectRef, string service) => $"{subjectRef}/{service}";
}
