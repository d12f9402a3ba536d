using Personalization.Contracts.Retention;
using Personalization.Platform.Storage;

namespace Personalization.Profile.Domain;

/// <summary>The legal holds on a person's data, as Retention told last.</summary>
public sealed record KnownLegalHolds : IDocument
{
    /// <summary>The subject ref.</summary>
    public required string Id { get; init; }

    /// <summary>Rises with each change.</summary>
    public required long Version { get; init; }

    /// <summary>Those that stand.</summary>
    public required IReadOnlyList<HeldCategory> Holds { get; init; }

    /// <summary>Of somebody whose data nobody holds.</summary>
    public static KnownLegalHolds None(string subjectRef) => new() { Id = subjectRef, Version = 0, Holds = [] };

    /// <summary>After what Retention told; null if that is no news.</summary>
    public KnownLegalHolds? Apply(LegalHoldsChanged told) => told.Version > Version ? this with { Version = told.Version, Holds = told.Holds } : null;

    /// <summary>The holds that cover data of that category that was collected for those purposes.</summary>
    public IReadOnlyList<HeldCategory> On(string category, IEnumerable<string> purposes) =>
        [.. Holds.Where(hold => hold.Category == category && (hold.Purposes is null || hold.Purposes.Intersect(purposes).Any()))];
}
