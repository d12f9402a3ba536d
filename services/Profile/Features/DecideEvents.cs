using System.Diagnostics;
using Microsoft.Extensions.Options;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>Decides on a batch with one read, and puts what is kept, and the signals in it, into the session: one write, whoever commits.</summary>
public sealed class DecideEvents(IOptions<ProfileOptions> options, TimeProvider time)
{
    /// <returns>A decision for each event, in order. The same event twice in the batch is a duplicate the second time.</returns>
    public async Task<IReadOnlyList<EventDecision>> DecideAsync(IReadOnlyList<ReceivedEvent> batch, DocumentSession session, CancellationToken cancellationToken)
    {
        var subjects = batch.Select(received => received.SubjectRef).ToHashSet();
        var ids = batch.Select(received => ProfileDatum.IdOf(received.SubjectRef, received.EventId)).ToHashSet();
        var types = batch.Select(received => received.Type).ToHashSet();
        await session.PrefetchAsync(
            subjects.Select(session.Key<SubjectGate>).Concat(subjects.Select(session.Key<VaultEntry>)).Concat(ids.Select(session.Key<ProfileDatum>))
                .Concat(types.Select(session.Key<EventType>)).Concat(types.Select(session.Key<FieldUsage>)).Append(session.Key<RetentionRules>(RetentionRules.Only)),
            cancellationToken);
        var gates = await session.LoadManyAsync<SubjectGate>(subjects, cancellationToken);
        var known = await session.LoadManyAsync<ProfileDatum>(ids, cancellationToken);
        var declared = await session.LoadManyAsync<EventType>(types, cancellationToken);
        var usages = await session.LoadManyAsync<FieldUsage>(types, cancellationToken);
        var rules = await session.LoadAsync<RetentionRules>(RetentionRules.Only, cancellationToken) ?? RetentionRules.None;

        // Only where a rule counts from what people do is that kept.
        var activities = rules.CountsFromActivity ? (await session.LoadManyAsync<SubjectActivity>(subjects, cancellationToken)).ToDictionary() : null;

        var now = time.GetUtcNow();
        var unused = declared.Values.Where(type => type.DropUnused == true && usages.ContainsKey(type.Type))
            .ToDictionary(type => type.Type, type => usages[type.Type].UnusedOf(type, now.DayOf(), options.Value.UnusedAfterDays));
        var stored = new Dictionary<string, ProfileDatum>();
        var changed = new List<ChangedSubject>();
        var named = new HashSet<string>();
        var decisions = new EventDecision[batch.Count];
        for (var i = 0; i < decisions.Length; i++)
        {
            var received = batch[i];
            var gate = gates.GetValueOrDefault(received.SubjectRef) ?? SubjectGate.Closed(received.SubjectRef);
            var type = declared.GetValueOrDefault(received.Type);
            var decision = decisions[i] = EventDecision.Of(received, type, gate, rules, now, unused.GetValueOrDefault(received.Type));
            if (decision.Datum is not { } datum) continue;
            if ((stored.GetValueOrDefault(datum.Id) ?? known.GetValueOrDefault(datum.Id)) is { } before && before.Epoch == datum.Epoch)
            {
                decisions[i] = decision.AsDuplicateOf(before);
                continue;
            }

            stored[datum.Id] = datum;
            changed.Add(new ChangedSubject(gate.Id, gate.Epoch));
            if (activities is not null && SubjectActivity.Seen(activities.GetValueOrDefault(gate.Id), gate.Id, gate.Epoch, type!.Reaches ?? [], now) is { } activity)
            {
                activities[gate.Id] = activity;
                session.Store(activity);
            }

            // Whatever happens to the consent meanwhile makes the write fail, and the decision is made again.
            session.Require<SubjectGate>(gate.Id);
            session.Store(datum);

            // Whether they are named in this epoch stands in clear beside the entry: nobody's customer id is opened for that.
            if (named.Add(gate.Id) && (await session.FindRowAsync<VaultEntry>(gate.Id, cancellationToken))?.Fields["subject"] != SubjectIndex.Of(gate.Id, gate.Epoch))
                session.Store(new VaultEntry { SubjectRef = gate.Id, Epoch = gate.Epoch, CustomerId = received.CustomerId });
            if (EventDecision.SignalOf(datum, type!) is not { } signal) continue;
            var unit = Activity.Current;
            Activity.Current = received.Cause ?? unit;
            session.Publish(signal);
            Activity.Current = unit;
        }

        if (changed.Count > 0) session.Store(ChangedSubjects.Of(changed, now));
        return decisions;
    }
}
