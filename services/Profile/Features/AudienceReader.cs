using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>A chunk of an audience.</summary>
/// <param name="CustomerIds">Whom it may reach.</param>
/// <param name="UsableUntil">When the first of their grants ends; null: none does.</param>
/// <param name="IsLast">Whether nobody follows.</param>
/// <param name="Failure">Why the audience can't be gone on with; the chunk is empty then.</param>
internal sealed record AudienceChunk(IReadOnlyList<string> CustomerIds, DateTimeOffset? UsableUntil, bool IsLast, ProblemHttpResult? Failure = null);

/// <summary>Reads a segment's members chunk by chunk: who belongs, then what they permit right now, then who they are.</summary>
internal sealed class AudienceReader(ServiceModule module, Segment segment, int chunk, string after, TimeProvider time)
{
    private string place = SegmentMember.PlaceOf(segment.Id, segment.Version, after);

    /// <summary>503: nobody is handed out on consents that may be out of date.</summary>
    public static ProblemHttpResult ConsentUnknown() => Problems.Of(
        StatusCodes.Status503ServiceUnavailable, "consent-unknown", "Consents are not known for certain right now.", "Nobody is handed out. Ask again in a few seconds.");

    /// <summary>The next chunk that holds anybody, or the last one.</summary>
    public async Task<AudienceChunk> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var session = module.OpenSession();
            var rows = await session.QueryRowsAsync<SegmentMember>(
                "segment", after: place, atMost: SegmentMember.PlaceOf(segment.Id, segment.Version, "~"), limit: chunk, cancellationToken: cancellationToken);
            SegmentMember[] members = [.. rows.Select(row => row.Document).OfType<SegmentMember>()];
            string[] subjects = [.. members.Select(member => member.SubjectRef)];

            // After the members and all at once: a gate that closed since they were found is closed here.
            await session.PrefetchAsync(
                subjects.Select(session.Key<SubjectGate>).Concat(subjects.Select(session.Key<VaultEntry>)).Append(session.Key<Segment>(segment.Id)), cancellationToken);
            if (!module.Lease.IsValid) return Stopped(ConsentUnknown());
            if ((await session.LoadAsync<Segment>(segment.Id, cancellationToken))?.Version != segment.Version)
                return Stopped(Problems.Of(StatusCodes.Status409Conflict, "segment-changed", "The segment was declared otherwise meanwhile.", "Discard what was read and begin again."));
            var gates = await session.LoadManyAsync<SubjectGate>(subjects, cancellationToken);
            var vault = await session.LoadManyAsync<VaultEntry>(subjects, cancellationToken);

            var now = time.GetUtcNow();
            var reached = members.Where(member => gates.TryGetValue(member.SubjectRef, out var gate) && member.IsReachable(gate, now))
                .Where(member => vault.TryGetValue(member.SubjectRef, out var entry) && entry.Epoch == member.Epoch).ToArray();
            if (rows.Count > 0) place = rows[^1].Value;
            if (reached.Length == 0 && rows.Count == chunk) continue;
            return new AudienceChunk(
                [.. reached.Select(member => vault[member.SubjectRef].CustomerId)],
                reached.Select(member => gates[member.SubjectRef].Grants.Where(grant => grant.Purpose == segment.Purpose).Min(grant => grant.ValidUntil)).Min(),
                rows.Count < chunk);
        }
    }

    private static AudienceChunk Stopped(ProblemHttpResult failure) => new([], null, true, failure);
}
