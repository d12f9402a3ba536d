using MassTransit;
using Personalization.Contracts.Retention;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>Profile's part of an erasure.</summary>
public sealed class EraseProfileOnEraseSubject(Erasure erasure, ProfileErasure profile, DocumentSession session) : IConsumer<EraseSubject>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<EraseSubject> context) => erasure.HandleAsync(context.Message, profile, session, context.CancellationToken);
}

/// <summary>Erases what no remaining purpose justifies, in bounded writes that each carry the count so far.</summary>
public sealed class ProfileErasure(ConsentFollower follower, TimeProvider time) : IErasureParticipant
{
    private const int Page = 500;
    private const string Data = "profile_data";
    private const string Vault = "identity_vault";
    private const string Erased = "erased";

    /// <inheritdoc/>
    public async Task<ErasureOutcome> EraseAsync(EraseSubject command, DocumentSession session, CancellationToken cancellationToken)
    {
        if ((await session.LoadAsync<SubjectGate>(command.SubjectRef, cancellationToken))?.Version is not { } version || version < command.Version)
        {
            await follower.CatchUpAsync(cancellationToken);
            session.Clear();
        }

        var after = SubjectIndex.Before(command.SubjectRef);
        while (true)
        {
            var gate = await session.LoadAsync<SubjectGate>(command.SubjectRef, cancellationToken);
            if (gate is null || gate.Version < command.Version)
                throw new InvalidOperationException("The consent stream does not hold the version that opened the erasure case.");
            var tally = await session.LoadAsync<ErasureTally>(command.CaseId, cancellationToken) ?? new ErasureTally { Id = command.CaseId };
            var rows = await session.QueryRowsAsync<ProfileDatum>(
                "subject", after: after, atMost: SubjectIndex.Through(command.SubjectRef, command.Epoch), limit: Page, cancellationToken: cancellationToken);
            foreach (var row in rows) tally = Erase(row, command, gate, tally, session);
            session.Store(tally);
            if (rows.Count < Page)
            {
                tally = await EraseVaultAsync(command, tally, session, cancellationToken);

                // The record of the erasure, in the same write, takes the tally over.
                session.Delete<ErasureTally>(tally.Id);
                return new ErasureOutcome(tally.Erased, []);
            }

            after = rows[^1].Value;
            await session.CommitAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ResidualScan>> ScanAsync(EraseSubject command, DocumentSession session, CancellationToken cancellationToken)
    {
        session.Clear();
        var gate = await session.LoadAsync<SubjectGate>(command.SubjectRef, cancellationToken) ?? SubjectGate.Closed(command.SubjectRef);
        var found = 0;
        var after = SubjectIndex.Before(command.SubjectRef);
        while (true)
        {
            var rows = await session.QueryRowsAsync<ProfileDatum>(
                "subject", after: after, atMost: SubjectIndex.Through(command.SubjectRef, command.Epoch), limit: Page, cancellationToken: cancellationToken);
            found += rows.Count(row => command.WholeEpoch || row.Document is not { } datum || Remaining(datum, gate) is not { } kept || Size(kept) != Size(datum));
            if (rows.Count < Page) break;
            after = rows[^1].Value;
        }

        var vault = await session.CountAsync<VaultEntry>(
            "subject", after: SubjectIndex.Before(command.SubjectRef), atMost: SubjectIndex.Through(command.SubjectRef, command.Epoch), cancellationToken: cancellationToken);
        return
        [
            new ResidualScan { Searched = Data, Found = found },
            new ResidualScan { Searched = Vault, Found = command.WholeEpoch ? vault : 0 },
        ];
    }

    private ErasureTally Erase(QueryRow<ProfileDatum> row, EraseSubject command, SubjectGate gate, ErasureTally tally, DocumentSession session)
    {
        if (row.Document is not { } datum)
        {
            session.Delete<ProfileDatum>(row.Id);
            return tally.Add(Data, "unreadable", "key-destroyed");
        }

        var kept = command.WholeEpoch ? null : Remaining(datum, gate);
        if (kept is null) session.Delete<ProfileDatum>(datum.Id);
        else if (Size(kept) == Size(datum)) return tally;
        else session.Store(kept);
        foreach (var field in datum.Fields.Where(field => kept?.Fields.Any(left => left.Name == field.Name) != true)) tally = tally.Add(Data, field.Category, Erased);
        return tally;
    }

    private static async Task<ErasureTally> EraseVaultAsync(EraseSubject command, ErasureTally tally, DocumentSession session, CancellationToken cancellationToken)
    {
        if (!command.WholeEpoch) return tally;
        var entries = await session.QueryRowsAsync<VaultEntry>(
            "subject", after: SubjectIndex.Before(command.SubjectRef), atMost: SubjectIndex.Through(command.SubjectRef, command.Epoch), cancellationToken: cancellationToken);
        foreach (var entry in entries)
        {
            session.Delete<VaultEntry>(entry.Id);
            tally = tally.Add(Vault, "customer-id", Erased);
        }

        return tally;
    }

    private ProfileDatum? Remaining(ProfileDatum datum, SubjectGate gate)
    {
        var now = time.GetUtcNow();
        return datum.Keep((purpose, category) => gate.Permits(purpose, category, datum.Time, datum.Epoch, now));
    }

    private static int Size(ProfileDatum datum) => datum.Fields.Sum(field => field.Purposes.Count);
}
