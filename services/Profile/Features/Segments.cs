using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>What the features around segments read and write alike.</summary>
internal static class Segments
{
    // As many as can be declared sensibly; more than this a page would be needed.
    private const int Most = 1000;

    /// <summary>All declared event types.</summary>
    public static async Task<IReadOnlyDictionary<string, EventType>> EventTypesAsync(this DocumentSession session, CancellationToken cancellationToken) =>
        (await session.QueryAsync<EventType>("type", limit: Most, cancellationToken: cancellationToken)).ToDictionary(type => type.Type);

    /// <summary>A segment, unless it is deleted.</summary>
    public static async Task<Segment?> SegmentAsync(this DocumentSession session, string id, CancellationToken cancellationToken) =>
        await session.LoadAsync<Segment>(id, cancellationToken) is { DeletedAt: null } segment ? segment : null;

    /// <summary>All segments that aren't deleted, by id.</summary>
    public static Task<IReadOnlyList<Segment>> SegmentsAsync(this DocumentSession session, CancellationToken cancellationToken) =>
        session.QueryAsync<Segment>("id", limit: Most, cancellationToken: cancellationToken);

    /// <summary>How many were found to belong to a segment as it is declared now.</summary>
    public static Task<long> CountMembersAsync(this DocumentSession session, Segment segment, CancellationToken cancellationToken) => session.CountAsync<SegmentMember>(
        "segment", after: SegmentMember.PlaceOf(segment.Id, segment.Version, ""), atMost: SegmentMember.PlaceOf(segment.Id, segment.Version, "~"), cancellationToken: cancellationToken);

    /// <summary>Makes everybody due from the beginning, with the same commit.</summary>
    public static async Task EvaluateEverybodyAsync(this DocumentSession session, CancellationToken cancellationToken)
    {
        await session.LoadAsync<EvaluationPass>(EvaluationPass.Only, cancellationToken);
        session.Store(new EvaluationPass());
    }
}
