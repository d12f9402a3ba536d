using System.Text.Json.Serialization;
using Personalization.Platform.Storage;

namespace Personalization.Retention.Domain;

/// <summary>
/// A demand to be forgotten, or an order of an authority, from when it came until it has a case: what Consent has to do for it is asked of it again until it is done, whoever crashed in between.
/// Sealed with a key of its own, which goes with it.
/// </summary>
public sealed record ErasureDemand : ISubjectDocument
{
    /// <summary>A version 7 UUID.</summary>
    public required string Id { get; init; }

    /// <summary>The subject's pseudonym.</summary>
    public required string SubjectRef { get; init; }

    /// <summary>The caller's id of the person.</summary>
    public required string CustomerId { get; init; }

    /// <summary>Which authority ordered it, and by what; null: the person demands it.</summary>
    public string? Order { get; init; }

    /// <summary>When it came, UTC.</summary>
    public required DateTimeOffset DemandedAt { get; init; }

    /// <summary>Until when it can be taken back, UTC; null: it can't.</summary>
    public DateTimeOffset? CancellableUntil { get; init; }

    /// <summary>By when it has to be done.</summary>
    public required ErasureDeadline Deadline { get; init; }

    /// <summary>When it is taken up again, UTC.</summary>
    public required DateTimeOffset NextAt { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public DataKeyId? DataKey => new(SubjectRef, 0, $"erasure-demand-{Id}");
}

/// <summary>A subject's consent after a revocation.</summary>
/// <param name="Version">The consent version.</param>
/// <param name="Epoch">The epoch that ended last; 0 if nothing was ever granted.</param>
/// <param name="CaseId">The erasure case of the last revocation, this one or an earlier; null if there never was one.</param>
public sealed record RevokedConsents(long Version, int Epoch, string? CaseId = null);

/// <summary>A restriction as Consent placed it.</summary>
/// <param name="Restriction">Which.</param>
/// <param name="Version">The subject's consent version.</param>
public sealed record RestrictedUse(PlacedRestriction Restriction, long Version);

/// <summary>A restriction.</summary>
/// <param name="RestrictionId">Its id.</param>
public sealed record PlacedRestriction(string RestrictionId);
