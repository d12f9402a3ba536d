using System.Diagnostics;
using System.Diagnostics.Metrics;
using Personalization.Platform;
using Personalization.Profile.Domain;

namespace Personalization.Profile;

/// <summary>Metrics of Profile.</summary>
public sealed class ProfileTelemetry
{
    private readonly Counter<long> events;
    private readonly Counter<long> fields;
    private readonly Counter<long> evaluations;
    private readonly Counter<long> handedOut;
    private readonly Counter<long> participantAnswers;
    private readonly Histogram<double> lag;
    private long quarantined;

    /// <summary>Makes the instruments of the service's meter.</summary>
    public ProfileTelemetry(ServiceModule module)
    {
        events = module.Meter.CreateCounter<long>("personalization.events", "{event}", "Events decided on, by outcome, reason and declared type.");
        fields = module.Meter.CreateCounter<long>("personalization.fields.dropped", "{field}", "Fields of accepted events that were not stored, by reason and declared type.");
        evaluations = module.Meter.CreateCounter<long>("personalization.segment.evaluations", "{person}", "People whose segments were evaluated.");
        handedOut = module.Meter.CreateCounter<long>("personalization.audience.people", "{person}", "People handed out to product services in audiences.");
        participantAnswers = module.Meter.CreateCounter<long>(
            "personalization.participant.answers", "{answer}", "What product services answered to erasures, by outcome: answered, noted, or why it is no receipt.");
        lag = module.Meter.CreateHistogram<double>("personalization.event.lag", "s", "From the time of an accepted event until it was decided on, by declared type.");
        module.Meter.CreateObservableGauge("personalization.quarantine.waiting", () => Volatile.Read(ref quarantined), "{message}", "Messages in quarantine that wait for an operator.");
    }

    /// <summary>What was counted in the store.</summary>
    public void Quarantined(long waiting) => Volatile.Write(ref quarantined, waiting);

    /// <summary>A product service answered, or didn't.</summary>
    public void CountParticipantAnswer(string outcome) => participantAnswers.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    /// <summary>So many people went out in an audience.</summary>
    public void CountHandedOut(int people) => handedOut.Add(people);

    /// <summary>So many people's segments were evaluated.</summary>
    public void CountEvaluated(int people) => evaluations.Add(people);

    /// <summary>The decisions are final: what they keep is stored.</summary>
    public void Count(IEnumerable<EventDecision> decisions)
    {
        foreach (var decision in decisions)
        {
            var tags = new TagList { { "outcome", decision.Outcome.ToString().ToLowerInvariant() } };
            if (decision.Reason is { } reason) tags.Add("reason", reason);

            // Only a declared type: any caller could make up others, without end.
            if (decision.DeclaredType is { } type) tags.Add("type", type);
            events.Add(1, tags);

            // Once, however often the event is published.
            if (decision.Outcome != EventOutcome.Accepted) continue;
            // What happened by a clock that is ahead came at once.
            if (decision.Datum is { } datum) lag.Record(Math.Max(0, (datum.ReceivedAt - datum.Time).TotalSeconds), new KeyValuePair<string, object?>("type", decision.DeclaredType));
            foreach (var dropped in decision.Dropped) fields.Add(1, new("reason", dropped.Reason), new("type", decision.DeclaredType));
        }
    }
}
