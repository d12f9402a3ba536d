namespace Personalization.Contracts.Consent;

/// <summary>
/// Published for each subject who agreed to a purpose whose notice has changed materially since: the person should be asked again. What was
/// granted stays valid unless <see cref="RenewBy"/> says until when; if it lapses then, <see cref="ConsentExpired"/> tells.
/// </summary>
public sealed record ConsentRenewalNeeded
{
    /// <summary>The subject's pseudonym.</summary>
    public required string SubjectRef { get; init; }

    /// <summary>The subject's consent version when it was found.</summary>
    public required long Version { get; init; }

    /// <summary>The purpose's id.</summary>
    public required string Purpose { get; init; }

    /// <summary>The version of the notice that was agreed to.</summary>
    public required int DecidedNoticeVersion { get; init; }

    /// <summary>The version that has to be agreed to now.</summary>
    public required int NoticeVersion { get; init; }

    /// <summary>The grant lapses at this moment unless it is renewed, UTC. Null: it stays valid.</summary>
    public DateTimeOffset? RenewBy { get; init; }
}
