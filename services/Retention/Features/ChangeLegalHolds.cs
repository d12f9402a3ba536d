using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Storage;
using Personalization.Retention.Domain;

namespace Personalization.Retention.Features;

/// <summary>What follows when a hold is placed or ends: the participants are told all that stand, and erasures that it kept open go on.</summary>
public sealed class ChangeLegalHolds(ServiceModule module, TimeProvider time)
{
    /// <summary>The newest state of somebody's holds; null if there never was one.</summary>
    public async Task<LegalHoldsChanged?> StateOfAsync(string subjectRef, DocumentSession session, CancellationToken cancellationToken) =>
        await session.LoadAsync<LegalHoldVersion>(subjectRef, cancellationToken) is { } known
            ? Sign(subjectRef, known.Version, await StandingAsync(subjectRef, session, cancellationToken))
            : null;

    /// <summary>Places a hold, with the session's commit.</summary>
    public async Task PlaceAsync(LegalHold hold, DocumentSession session, CancellationToken cancellationToken) =>
        await TellAsync(hold, standing => [.. standing, hold], session, cancellationToken);

    /// <summary>Ends a hold that stands, with the session's commit, and sends the cases that waited for it again.</summary>
    public async Task EndAsync(LegalHold hold, DocumentSession session, CancellationToken cancellationToken)
    {
        var ended = hold with { EndedAt = time.GetUtcNow() };
        await TellAsync(ended, standing => [.. standing.Where(other => other.Id != hold.Id)], session, cancellationToken);
        foreach (var erasure in await session.QueryAsync<ErasureCase>("held", equalTo: hold.SubjectRef, limit: int.MaxValue, cancellationToken: cancellationToken))
            session.Store(erasure.Resume(ended.EndedAt.Value));
    }

    private async Task TellAsync(LegalHold changed, Func<IReadOnlyList<LegalHold>, IReadOnlyList<LegalHold>> change, DocumentSession session, CancellationToken cancellationToken)
    {
        // Read before the holds are looked up: it keeps two changes at once apart, of which the later one looks again.
        var known = await session.LoadAsync<LegalHoldVersion>(changed.SubjectRef, cancellationToken);
        var standing = await StandingAsync(changed.SubjectRef, session, cancellationToken);

        // By the time, so that a store that was restored from an older copy doesn't give a number again that participants know already.
        var version = Math.Max((known?.Version ?? 0) + 1, time.GetUtcNow().ToUnixTimeMilliseconds());
        session.Store(new LegalHoldVersion { Id = changed.SubjectRef, Version = version });
        session.Store(changed);
        session.Publish(Sign(changed.SubjectRef, version, change(standing), changed.Id));
    }

    private static async Task<IReadOnlyList<LegalHold>> StandingAsync(string subjectRef, DocumentSession session, CancellationToken cancellationToken) =>
        await session.QueryAsync<LegalHold>("subject", equalTo: subjectRef, limit: int.MaxValue, cancellationToken: cancellationToken);

    private LegalHoldsChanged Sign(string subjectRef, long version, IReadOnlyList<LegalHold> standing, string? changed = null) => module.Signer.Sign(new LegalHoldsChanged
    {
        SubjectRef = subjectRef,
        Epoch = 0,
        Version = version,
        Holds = [.. standing.SelectMany(hold => hold.Told())],
        ChangedHoldId = changed,
    });
}
