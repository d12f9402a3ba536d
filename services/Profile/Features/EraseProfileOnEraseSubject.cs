using System.Text.Json;
using MassTransit;
using Personalization.Contracts.Profile;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Messaging;
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

/// <summary>
/// Erases what no remaining purpose justifies from the data, the vault, the segments and the messages about the person that still wait in the
/// outbox, in bounded writes that each carry the count so far.
/// </summary>
public sealed class ProfileErasure(ServiceModule module, ConsentFollower follower, TimeProvider time) : IErasureParticipant
{
    private const int Page = 500;
    private const string Data = "profile_data";
    private const string Vault = "identity_vault_entries";
    private const string Contacts = "contact_entries";
    private const string Held = "held_data";
    private const string Outbox = "outbox_entries";
    private const string Members = "segment_members";
    private const string Due = "due_evaluations";
    private const string Activities = "subject_activities";
    private const string Changed = "changed_subjects";
    private const string Quarantine = "quarantined_messages";
    private const string Notices = "erasure_notices";

    /// <summary>The category under which a receipt counts that somebody belonged to a segment.</summary>
    internal const string Membership = "segment-membership";

    /// <inheritdoc/>
    public Task TakeHoldsAsync(LegalHoldsChanged holds, DocumentSession session, CancellationToken cancellationToken) => KeepHoldsOnLegalHoldsChanged.TakeAsync(holds, session, time.GetUtcNow(), cancellationToken);

    /// <inheritdoc/>
    public async Task LearnAsync(EraseSubject command, DocumentSession session, CancellationToken cancellationToken)
    {
        // The event may have been slower than the command.
        if (command.Holds is not { } holds) return;
        await TakeHoldsAsync(holds, session, cancellationToken);
        await session.CommitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<ErasureOutcome> EraseAsync(EraseSubject command, DocumentSession session, CancellationToken cancellationToken)
    {
        if ((await GateAsync(command, session, cancellationToken)).Version < command.Version)
        {
            await follower.CatchUpAsync(cancellationToken);
            session.Clear();
        }

        await EachAsync<HeldDatum>(command, session, (row, _, keeping, tally) => Erase(row, command, keeping, tally, session), cancellationToken);
        await EachAsync<ProfileDatum>(command, session, (row, gate, keeping, tally) => Erase(row, command, gate, keeping, tally, session), cancellationToken);
        await EachAsync<OutboxEntry>(command, session, (row, gate, _, tally) => Erase(row, command, gate, tally, session), cancellationToken);
        await EachAsync<SegmentMember>(command, session, (row, _, _, tally) => Erase(row, command, tally, session), cancellationToken);
        await EachAsync<DueEvaluation>(command, session, (row, _, _, tally) => Erase(row, command, tally, session), cancellationToken);
        await EachAsync<SubjectActivity>(command, session, (row, _, _, tally) => Erase(row, command, tally, session), cancellationToken);
        foreach (var changed in await ChangesAsync(command, session, cancellationToken)) Erase(changed, command, session);
        await EachAsync<ContactEntry>(command, session, (row, gate, keeping, tally) => Erase(row, command, gate, keeping, tally, session), cancellationToken);
        await EachAsync<QuarantinedMessage>(command, session, (row, _, _, tally) => Erase(row, command, tally, session), cancellationToken);
        var passedOnTo = await PassOnAsync(command, session, cancellationToken);
        await EachAsync<VaultEntry>(command, session, (row, _, _, tally) => Erase(row, command, tally, session), cancellationToken);

        // What is held is looked for once it is there.
        await session.CommitAsync(cancellationToken);
        var held = await RetainedByLawAsync(command, session, cancellationToken);

        // The record of the erasure takes the tally over, in one write.
        var erased = (await TallyAsync(command, session, cancellationToken)).Erased;
        session.Delete<ErasureTally>(command.CaseId);
        return new ErasureOutcome(
            [.. erased.OrderBy(data => data.Store, StringComparer.Ordinal).ThenBy(data => data.Category, StringComparer.Ordinal)],
            [.. await RetainedAsync(command, passedOnTo, session, cancellationToken), .. held],
            PassedOnTo: passedOnTo.Count == 0 ? null : passedOnTo);
    }

    /// <summary>Notes for each product service that it has to be told, in the write that erases the way back to the customer id.</summary>
    private async Task<IReadOnlyList<string>> PassOnAsync(EraseSubject command, DocumentSession session, CancellationToken cancellationToken)
    {
        // Nobody's customer id is opened where there is nobody to tell.
        var participants = (await session.QueryAsync<Participant>("name", cancellationToken: cancellationToken)).Where(participant => participant.OpenDsr?.Concerns(command) != false).ToArray();
        if (participants.Length == 0) return [];
        var noted = (await session.LoadManyAsync<ErasureNotice>([.. participants.Select(participant => ErasureNotice.IdOf(command.CaseId, participant.Name))], cancellationToken))
            .Values.Select(notice => notice.Participant).ToHashSet();
        if (await session.LoadAsync<VaultEntry>(command.SubjectRef, cancellationToken) is { } entry)
        {
            var gate = await GateAsync(command, session, cancellationToken);
            foreach (var participant in participants.Where(participant => noted.Add(participant.Name)))
                session.Store(ErasureNotice.Of(command, participant.Name, entry.CustomerId, gate, time.GetUtcNow()));
        }

        // Also those noted by an attempt that broke off after its write.
        return [.. participants.Where(participant => noted.Contains(participant.Name)).Select(participant => ExternalParticipant.NameOf(participant.Name))];
    }

    /// <summary>What legal holds and rules that freeze keep of what the case is about, by category. The key that such things were under goes with the last of an epoch.</summary>
    private async Task<IReadOnlyList<RetainedData>> RetainedByLawAsync(EraseSubject command, DocumentSession session, CancellationToken cancellationToken)
    {
        var holds = await KeepHoldsOnLegalHoldsChanged.HoldsAsync(session, command.SubjectRef, cancellationToken);
        var held = await KeepHoldsOnLegalHoldsChanged.HeldAsync(session, command.SubjectRef, command.Epoch, cancellationToken);
        var key = new DataKeyId(command.SubjectRef, command.Epoch, HeldDatum.Rule);
        if (command.WholeEpoch && !held.Any(datum => datum.Epoch == command.Epoch) && await module.Keys.FindAsync(key.ToString(), cancellationToken) is not null)
            await module.Keys.DestroyAsync(key, cancellationToken);
        var about = held.Where(datum => IsAbout(command, datum)).ToLookup(datum => holds.On(datum.Category, datum.Purposes).Count > 0);
        return
        [
            .. about[true].GroupBy(datum => datum.Category).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => new RetainedData
            {
                Store = Held,
                Category = group.Key,
                Count = group.Count(),
                Reason = RetainedReasons.LegalHold.En,
                Until = group.SelectMany(datum => holds.On(datum.Category, datum.Purposes)).ToArray() is var covering && covering.All(hold => hold.Until is not null) ? covering.Max(hold => hold.Until) : null,
                IsOnHold = true,
            }),
            .. about[false].GroupBy(datum => (datum.Category, datum.LegalBasis)).OrderBy(group => group.Key.Category, StringComparer.Ordinal).Select(group => new RetainedData
            {
                Store = Held,
                Category = group.Key.Category,
                Count = group.Count(),
                Reason = group.Key.LegalBasis ?? "",
                Until = group.Max(datum => datum.FrozenUntil),
            }),
        ];
    }

    private static bool IsAbout(EraseSubject command, HeldDatum held) =>
        command.WholeEpoch || command.Narrowed.Any(narrowed => narrowed.Category == held.Category && held.Purposes.Contains(narrowed.Purpose));

    /// <summary>Whether it is what the case has to erase now.</summary>
    private static bool IsFree(EraseSubject command, HeldDatum held, KnownLegalHolds holds, DateTimeOffset now) =>
        IsAbout(command, held) && holds.On(held.Category, held.Purposes).Count == 0 && !held.IsFrozen(now);

    /// <summary>Whether the case has something to do with it now: to erase it or, where a rule goes on keeping it after the hold that the case waited for, to wait no longer.</summary>
    private static bool IsDue(EraseSubject command, HeldDatum held, KnownLegalHolds holds, DateTimeOffset now) =>
        IsFree(command, held, holds, now) || (held.IsOfCase && IsAbout(command, held) && holds.On(held.Category, held.Purposes).Count == 0);

    /// <summary>The customer id goes on being told to product services as long as they may hold lists with it.</summary>
    private static async Task<IReadOnlyList<RetainedData>> RetainedAsync(
        EraseSubject command, IReadOnlyList<string> passedOnTo, DocumentSession session, CancellationToken cancellationToken)
    {
        var gate = await GateAsync(command, session, cancellationToken);
        IReadOnlyList<RetainedData> notices = passedOnTo.Count == 0
            ? []
            : [new RetainedData { Store = Notices, Category = "customer-id", Count = passedOnTo.Count, Reason = RetainedReasons.PassedOn.En }];
        return gate.NarrowedBy == 0 || await session.LoadAsync<Withdrawal>(Withdrawal.IdOf(gate.NarrowedBy), cancellationToken) is not { } withdrawal
            ? notices
            :
            [
                .. notices,
                new RetainedData
                {
                    Store = "withdrawals",
                    Category = "customer-id",
                    Count = 1,
                    Reason = RetainedReasons.Withdrawal.En,
                    Until = withdrawal.ExpiresAt,
                },
            ];
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ResidualScan>> ScanAsync(EraseSubject command, DocumentSession session, CancellationToken cancellationToken)
    {
        session.Clear();
        var now = time.GetUtcNow();
        var gate = await GateAsync(command, session, cancellationToken);
        var holds = await KeepHoldsOnLegalHoldsChanged.HoldsAsync(session, command.SubjectRef, cancellationToken);
        return
        [
            new ResidualScan { Searched = Held, Found = await CountAsync<HeldDatum>(row => row.Document is not { } held || IsDue(command, held, holds, now)) },
            new ResidualScan { Searched = Data, Found = await CountAsync<ProfileDatum>(row => Remaining(row, command, gate) is not { } kept || Size(kept) != Size(row.Document!)) },
            new ResidualScan { Searched = Contacts, Found = await CountAsync<ContactEntry>(row => Remaining(row, command, gate) is not { } kept || kept.Purposes.Count != row.Document!.Purposes.Count) },
            new ResidualScan { Searched = Vault, Found = await CountAsync<VaultEntry>(_ => command.WholeEpoch) },
            new ResidualScan { Searched = Members, Found = await CountAsync<SegmentMember>(row => !MayStay(row, command)) },
            new ResidualScan { Searched = Due, Found = await CountAsync<DueEvaluation>(_ => command.WholeEpoch) },
            new ResidualScan { Searched = Activities, Found = await CountAsync<SubjectActivity>(_ => command.WholeEpoch) },
            new ResidualScan { Searched = Changed, Found = (await ChangesAsync(command, session, cancellationToken)).Count },
            new ResidualScan { Searched = Quarantine, Found = await CountAsync<QuarantinedMessage>(row => !MayStay(row, command)) },
            new ResidualScan { Searched = Outbox, Found = await CountAsync<OutboxEntry>(row => !MayStillGo(row, command, gate)) },
        ];

        async Task<long> CountAsync<T>(Func<QueryRow<T>, bool> isResidue)
            where T : class, IDocument
        {
            var found = 0L;
            for (var after = SubjectIndex.Before(command.SubjectRef); ;)
            {
                var rows = await PageAsync<T>(command, session, after, cancellationToken);
                found += rows.Count(isResidue);
                if (rows.Count < Page) return found;
                after = rows[^1].Value;
            }
        }
    }

    /// <summary>Goes through what is held up to the epoch. Full pages are committed; what is on the last one is left to the caller's commit.</summary>
    private async Task EachAsync<T>(
        EraseSubject command, DocumentSession session, Func<QueryRow<T>, SubjectGate, LegalKeeping, ErasureTally, ErasureTally> erase, CancellationToken cancellationToken)
        where T : class, IDocument
    {
        for (var after = SubjectIndex.Before(command.SubjectRef); ;)
        {
            // A new grant between this read and the commit would be followed by data that this gate knows nothing of: then it is done again.
            var gate = await GateAsync(command, session, cancellationToken);
            if (gate.Version < command.Version)
                throw new ErasureImpossibleException(ErasureImpossibleException.ConsentBehind);
            session.Require<SubjectGate>(gate.Id);

            // The same goes for a hold that is placed meanwhile.
            var holds = await KeepHoldsOnLegalHoldsChanged.HoldsAsync(session, command.SubjectRef, cancellationToken);
            session.Require<KnownLegalHolds>(holds.Id);

            // From when the case was opened, however often it is carried out.
            var now = time.GetUtcNow();
            var rules = await session.LoadAsync<RetentionRules>(RetentionRules.Only, cancellationToken) ?? RetentionRules.None;
            var keeping = new LegalKeeping(holds, rules, command.OpenedAt ?? now, now);

            var tally = await TallyAsync(command, session, cancellationToken);
            var rows = await PageAsync<T>(command, session, after, cancellationToken);
            session.Store(rows.Aggregate(tally, (sum, row) => erase(row, gate, keeping, sum)));
            if (rows.Count < Page) return;
            after = rows[^1].Value;
            await session.CommitAsync(cancellationToken);
        }
    }

    /// <summary>Closed and of version 0 for somebody who never decided anything: they may demand an erasure too.</summary>
    private static async Task<SubjectGate> GateAsync(EraseSubject command, DocumentSession session, CancellationToken cancellationToken) =>
        await session.LoadAsync<SubjectGate>(command.SubjectRef, cancellationToken) ?? SubjectGate.Closed(command.SubjectRef);

    private static Task<IReadOnlyList<QueryRow<T>>> PageAsync<T>(EraseSubject command, DocumentSession session, string after, CancellationToken cancellationToken)
        where T : class, IDocument =>
        session.QueryRowsAsync<T>("subject", after: after, atMost: SubjectIndex.Through(command.SubjectRef, command.Epoch), limit: Page, cancellationToken: cancellationToken);

    /// <summary>Those with the person in it. Each waits a second or so, with others; there are few, so they are looked through.</summary>
    private static async Task<IReadOnlyList<ChangedSubjects>> ChangesAsync(EraseSubject command, DocumentSession session, CancellationToken cancellationToken)
    {
        var found = new List<ChangedSubjects>();
        if (!command.WholeEpoch) return found;
        for (var after = ""; ;)
        {
            var changes = await session.QueryAsync<ChangedSubjects>("created", after: after, limit: Page, cancellationToken: cancellationToken);
            found.AddRange(changes.Where(changed => changed.Subjects.Any(subject => IsErased(subject, command))));
            if (changes.Count < Page) return found;
            after = changes[^1].Place;
        }
    }

    private static bool IsErased(ChangedSubject subject, EraseSubject command) => subject.SubjectRef == command.SubjectRef && subject.Epoch <= command.Epoch;

    private static async Task<ErasureTally> TallyAsync(EraseSubject command, DocumentSession session, CancellationToken cancellationToken) =>
        await session.LoadAsync<ErasureTally>(command.CaseId, cancellationToken) ?? new ErasureTally { Id = command.CaseId };

    private static ErasureTally Erase(QueryRow<HeldDatum> row, EraseSubject command, LegalKeeping keeping, ErasureTally tally, DocumentSession session)
    {
        if (row.Document is not { } held)
        {
            session.Delete<HeldDatum>(row.Id);
            return tally.AddUnreadable(Held);
        }

        if (IsFree(command, held, keeping.Holds, keeping.Now))
        {
            session.Delete<HeldDatum>(row.Id);
            return tally.Add(Held, held.Category);
        }

        // The case waits for holds, not for what a rule keeps.
        var isOnHold = keeping.Holds.On(held.Category, held.Purposes).Count > 0;
        if (IsAbout(command, held) && held.IsOfCase != isOnHold) session.Store(held with { IsOfCase = isOnHold });
        return tally;
    }

    private ErasureTally Erase(QueryRow<ProfileDatum> row, EraseSubject command, SubjectGate gate, LegalKeeping keeping, ErasureTally tally, DocumentSession session)
    {
        var kept = Remaining(row, command, gate);
        if (kept is null) session.Delete<ProfileDatum>(row.Id);
        if (row.Document is not { } datum) return tally.AddUnreadable(Data);
        if (kept is not null && Size(kept) != Size(datum)) session.Store(kept);
        foreach (var held in HeldDatum.Of(datum, kept, keeping, isOfCase: true)) session.Store(held);
        return datum.Without(kept).Where(field => !keeping.Of(field.Category, field.Purposes, isWhole: true).Keeps).Aggregate(tally, (sum, field) => sum.Add(Data, field.Category));
    }

    private ErasureTally Erase(QueryRow<OutboxEntry> row, EraseSubject command, SubjectGate gate, ErasureTally tally, DocumentSession session)
    {
        if (MayStillGo(row, command, gate)) return tally;
        session.Delete<OutboxEntry>(row.Id);
        if (row.Document is not { } entry) return tally.AddUnreadable(Outbox);
        return tally.Add(Outbox, Holds<SignalRecorded>(entry) ? In<SignalRecorded>(entry).Category : Membership);
    }

    private static ErasureTally Erase(QueryRow<SegmentMember> row, EraseSubject command, ErasureTally tally, DocumentSession session)
    {
        if (MayStay(row, command)) return tally;
        session.Delete<SegmentMember>(row.Id);
        return row.Document is null ? tally.AddUnreadable(Members) : tally.Add(Members, Membership);
    }

    private static ErasureTally Erase(QueryRow<QuarantinedMessage> row, EraseSubject command, ErasureTally tally, DocumentSession session)
    {
        if (MayStay(row, command)) return tally;
        session.Delete<QuarantinedMessage>(row.Id);
        return row.Document is null ? tally.AddUnreadable(Quarantine) : tally.Add(Quarantine, "unread");
    }

    // It says nothing of the person but that something was written: nothing to be counted as erased.
    private static ErasureTally Erase(QueryRow<DueEvaluation> row, EraseSubject command, ErasureTally tally, DocumentSession session)
    {
        if (command.WholeEpoch) session.Delete<DueEvaluation>(row.Id);
        return tally;
    }

    private static ErasureTally Erase(QueryRow<SubjectActivity> row, EraseSubject command, ErasureTally tally, DocumentSession session)
    {
        if (!command.WholeEpoch) return tally;
        session.Delete<SubjectActivity>(row.Id);
        return row.Document is null ? tally.AddUnreadable(Activities) : tally.Add(Activities, "activity");
    }

    private static void Erase(ChangedSubjects changed, EraseSubject command, DocumentSession session)
    {
        ChangedSubject[] others = [.. changed.Subjects.Where(subject => !IsErased(subject, command))];
        if (others.Length == 0) session.Delete<ChangedSubjects>(changed.Id);
        else session.Store(changed with { Subjects = others });
    }

    private ErasureTally Erase(QueryRow<ContactEntry> row, EraseSubject command, SubjectGate gate, LegalKeeping keeping, ErasureTally tally, DocumentSession session)
    {
        var kept = Remaining(row, command, gate);
        if (kept is null) session.Delete<ContactEntry>(row.Id);
        if (row.Document is not { } entry) return tally.AddUnreadable(Contacts);
        var held = HeldDatum.Of(entry, kept, keeping, isOfCase: true);
        if (held is not null) session.Store(held);
        if (kept is not null && kept.Purposes.Count != entry.Purposes.Count) session.Store(kept);
        return kept is null && held is null ? tally.Add(Contacts, entry.Category) : tally;
    }

    private static ErasureTally Erase(QueryRow<VaultEntry> row, EraseSubject command, ErasureTally tally, DocumentSession session)
    {
        if (!command.WholeEpoch) return tally;
        session.Delete<VaultEntry>(row.Id);
        return tally.Add(Vault, "customer-id");
    }

    /// <summary>What of a datum is still justified; null if nothing is, or nobody can read it.</summary>
    private ProfileDatum? Remaining(QueryRow<ProfileDatum> row, EraseSubject command, SubjectGate gate)
    {
        if (command.WholeEpoch || row.Document is not { } datum) return null;
        var now = time.GetUtcNow();
        return datum.Keep((purpose, category) => gate.Keeps(purpose, category, datum.Time, datum.Epoch, now) && !IsNarrowed(command, purpose, category, datum.ConsentVersion));
    }

    /// <summary>What of a contact is still justified; null if nothing is, or nobody can read it.</summary>
    private ContactEntry? Remaining(QueryRow<ContactEntry> row, EraseSubject command, SubjectGate gate)
    {
        if (command.WholeEpoch || row.Document is not { } entry) return null;
        var now = time.GetUtcNow();
        return entry.Keep(purpose => gate.Keeps(purpose, entry.Category, entry.StoredAt, entry.Epoch, now) && !IsNarrowed(command, purpose, entry.Category, entry.ConsentVersion));
    }

    /// <summary>Whether somebody may go on belonging to a segment: it was found after the consent that the case ended, or for another purpose.</summary>
    private static bool MayStay(QueryRow<SegmentMember> row, EraseSubject command) =>
        !command.WholeEpoch && row.Document is { } member && !IsNarrowed(command, member.Purpose, member.ConsentVersion);

    /// <summary>Nobody knows which purpose a message that can't be read is for: whatever ended, it goes, unless it came after that.</summary>
    private static bool MayStay(QueryRow<QuarantinedMessage> row, EraseSubject command) =>
        !command.WholeEpoch && row.Document is { } message && message.ConsentVersion >= command.Version;

    /// <summary>
    /// Whether a waiting message may be sent. A signal: some purpose still justifies it; what the others may not use, the consumer's gate keeps from them.
    /// That somebody entered a segment: it still is so. That somebody left one is to be known.
    /// </summary>
    private bool MayStillGo(QueryRow<OutboxEntry> row, EraseSubject command, SubjectGate gate)
    {
        if (command.WholeEpoch || row.Document is not { } entry) return false;
        if (Holds<SegmentLeft>(entry)) return true;
        if (Holds<SegmentEntered>(entry)) return In<SegmentEntered>(entry) is var entered && !IsNarrowed(command, entered.Purpose, entered.ConsentVersion);
        var signal = In<SignalRecorded>(entry);
        var now = time.GetUtcNow();
        return signal.Purposes.Any(purpose =>
            gate.Keeps(purpose, signal.Category, signal.Time, signal.Epoch, now) && !IsNarrowed(command, purpose, signal.Category, signal.ConsentVersion));
    }

    /// <summary>
    /// Whether it was collected under the consent that the case ended. The gate alone doesn't tell when the person has agreed again since:
    /// an event's time may be some minutes ahead, after the new grant.
    /// </summary>
    private static bool IsNarrowed(EraseSubject command, string purpose, string category, long consentVersion) =>
        consentVersion < command.Version && command.Narrowed.Any(narrowed => narrowed.Purpose == purpose && narrowed.Category == category);

    private static bool IsNarrowed(EraseSubject command, string purpose, long consentVersion) =>
        consentVersion < command.Version && command.Narrowed.Any(narrowed => narrowed.Purpose == purpose);

    private static bool Holds<T>(OutboxEntry entry) => entry.MessageType.EndsWith($":{typeof(T).Name}", StringComparison.Ordinal);

    private static T In<T>(OutboxEntry entry) => JsonSerializer.Deserialize<T>(entry.Body, Json.Options)!;

    private static int Size(ProfileDatum datum) => datum.Fields.Sum(field => field.Purposes.Count);
}
