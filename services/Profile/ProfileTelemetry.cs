using System.Diagnostics;
using System.Diagnostics.Metrics;
using Personalization.Platform;
using Personalization.Profile.Domain;

namespace Personalization.Profile;

/// <summary>Metrics of Profile.</summary>
public sealed class ProfileTelemetry(ServiceModule module)
{
    private readonly Counter<long> events = module.Meter.CreateCounter<long>(
        "personalization.events", "{event}", "Events decided on, by outcome, reason and declared type.");

    private readonly Counter<long> fields = module.Meter.CreateCounter<long>(
        "personalization.fields.dropped", "{field}", "Fields of accepted events that were not stored, by reason and declared type.");

    private readonly Counter<long> evaluations = module.Meter.CreateCounter<long>(
        "personalization.segment.evaluations", "{person}", "People whose segments were evaluated.");

    private readonly Counter<long> handedOut = module.Meter.CreateCounter<long>(
        "personalization.audience.people", "{person}", "People handed out to product services in audiences.");

    private readonly Counter<long> participantAnswers = module.Meter.CreateCounter<long>(
        "personalization.participant.answers", "{answer}", "What product services answered to erasures, by outcome: answered, noted, or why it is no receipt.");

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
            foreach (var dropped in decision.Dropped) fields.Add(1, new("reason", dropped.Reason), new("type", decision.DeclaredType));
        }
    }
}
