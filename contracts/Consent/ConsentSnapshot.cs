namespace Personalization.Contracts.Consent;

/// <summary>State of one consent decision.</summary>
public enum ConsentDecision
{
    /// <summary>The person agreed.</summary>
    Granted,

    /// <summary>The person was asked and refused.</summary>
    Denied,

    /// <summary>The person withdrew what was granted.</summary>
    Revoked,

    /// <summary>The validity period ended.</summary>
    Expired,
}

/// <summary>A subject's whole consent state at one version. The newest version known is the state; an older one is never applied over it.</summary>
public sealed record ConsentSnapshot
{
    /// <summary>The subject's pseudonym.</summary>
    public required string SubjectRef { get; init; }

    /// <summary>Rises by one with each change and never restarts, erasures included.</summary>
    public required long Version { get; init; }

    /// <summary>Ends when the last grant goes; the next grant opens the next. What belongs to an ended epoch is never used or stored again.</summary>
    public required int Epoch { get; init; }

    /// <summary>Place in the consent stream: contiguous from 1.</summary>
    public required long Number { get; init; }

    /// <summary>One entry per purpose and category ever decided.</summary>
    public required IReadOnlyList<CategoryConsent> Decisions { get; init; }
}

/// <summary>What the person decided for one category of data within one purpose.</summary>
public sealed record CategoryConsent
{
    /// <summary>The purpose's id.</summary>
    public required string Purpose { get; init; }

    /// <summary>The category of data.</summary>
    public required string Category { get; init; }

    /// <summary>Only <see cref="ConsentDecision.Granted"/> permits anything.</summary>
    public required ConsentDecision Decision { get; init; }

    /// <summary>Data from before this moment isn't covered, UTC. Null unless granted.</summary>
    public DateTimeOffset? GrantedAt { get; init; }

    /// <summary>The grant permits nothing from this moment on, whether or not its expiry was heard of, UTC. Null: no end.</summary>
    public DateTimeOffset? ValidUntil { get; init; }

    /// <summary>True: granted, and yet neither used nor added to until the restriction is lifted; what is held stays. Null: not restricted.</summary>
    public bool? IsRestricted { get; init; }
}

/// <summary>A pair that stopped being permitted.</summary>
public sealed record NarrowedConsent
{
    /// <summary>The purpose's id.</summary>
    public required string Purpose { get; init; }

    /// <summary>The category of data.</summary>
    public required string Category { get; init; }
}

/// <summary>What every consent event says. Consumers take the newest version and ignore the rest, so duplicates, gaps and any order are harmless.</summary>
public interface IConsentEvent : ISignedMessage
{
    /// <summary>The subject's whole state after the change.</summary>
    ConsentSnapshot Consent { get; }

    /// <summary>What is no longer permitted; empty for a change that only widens.</summary>
    IReadOnlyList<NarrowedConsent> Narrowed { get; }

    /// <summary>The last grant went: everything of <see cref="ISignedMessage.Epoch"/> is to be erased.</summary>
    bool EpochEnded { get; }

    /// <summary>When the decision took effect at Consent, UTC.</summary>
    DateTimeOffset DecidedAt { get; }

    /// <summary>Hash of the decision's link in the subject's ledger chain, lower-case hex SHA-256: whoever keeps it notices any later change to that decision or one before it.</summary>
    string? LedgerHash { get; }
}
