using System.Diagnostics;
using System.Diagnostics.Metrics;
using Personalization.Platform;
using Personalization.Recommendation.Domain;

namespace Personalization.Recommendation;

/// <summary>The service's metrics.</summary>
public sealed class RecommendationTelemetry
{
    private readonly Counter<long> answers;
    private readonly Counter<long> signals;
    private readonly Histogram<double> duration;
    private readonly Histogram<double> forgetting;
    private int unreadable;
    private long solvedAt;
    private ModelContent? content;

    public RecommendationTelemetry(ServiceModule module, TimeProvider time)
    {
        answers = module.Meter.CreateCounter<long>("personalization.recommendations", "{answer}", "Lists of recommendations answered.");
        signals = module.Meter.CreateCounter<long>("personalization.signals", "{signal}", "Signals received, by what became of them.");
        duration = module.Meter.CreateHistogram<double>("personalization.recommendation.duration", "s", "Time to make a list of recommendations.");
        forgetting = module.Meter.CreateHistogram<double>("personalization.forgetting.duration", "s", "Time to take out of the model what gates stopped permitting, however many persons it was of.");
        module.Meter.CreateObservableGauge(
            "personalization.model.age",
            () => Interlocked.Read(ref solvedAt) is > 0 and var ticks ? [new Measurement<double>((time.GetUtcNow() - new DateTimeOffset(ticks, TimeSpan.Zero)).TotalSeconds)] : (Measurement<double>[])[],
            "s", "How long ago this instance's model was solved; nothing before the first time.");
        module.Meter.CreateObservableGauge(
            "personalization.model.ndcg",
            () => Volatile.Read(ref content) is { Validation: { } personal, PopularValidation: { } popular }
                ? [new Measurement<double>(personal, Of("personal")), new Measurement<double>(popular, Of("popular"))] : (Measurement<double>[])[],
            "1", "How well likings held out of the model would have been guessed, by the model and by what most persons like: NDCG@10. Nothing where there are too few persons.");
        module.Meter.CreateObservableGauge(
            "personalization.histories.unreadable", () => Volatile.Read(ref unreadable), "{history}", "Persons whose history is not what was written, as far as this instance has met them.");
    }

    /// <summary>Persons whose history can't be read.</summary>
    public int Unreadable => Volatile.Read(ref unreadable);

    public void SetUnreadable(int persons) => Volatile.Write(ref unreadable, persons);

    /// <summary>The model was solved.</summary>
    public void Solved(DateTimeOffset at, ModelContent model)
    {
        Volatile.Write(ref content, model);
        Interlocked.Exchange(ref solvedAt, at.UtcTicks);
    }

    /// <summary>What gates stopped permitting is out of the model.</summary>
    public void Forgot(TimeSpan elapsed) => forgetting.Record(elapsed.TotalSeconds);

    public void Answered(bool personalized, TimeSpan elapsed)
    {
        var tag = new KeyValuePair<string, object?>("personalized", personalized);
        answers.Add(1, tag);
        duration.Record(elapsed.TotalSeconds, tag);
    }

    public void Learnt(SignalOutcome outcome)
    {
        var (name, reason) = outcome switch
        {
            SignalOutcome.Stored => ("stored", null),
            SignalOutcome.Duplicate => ("known", "duplicate"),
            SignalOutcome.Superseded => ("known", "superseded"),
            SignalOutcome.OtherPurpose => ("refused", "other-purpose"),
            SignalOutcome.NoItem => ("refused", "no-item"),
            SignalOutcome.EndedEpoch => ("refused", "ended-epoch"),
            SignalOutcome.NotPermitted => ("refused", "not-permitted"),
            SignalOutcome.Expired => ("refused", "expired"),
            SignalOutcome.HistoryFull => ("refused", "history-full"),
            SignalOutcome.Forgotten => ("refused", "forgotten"),
            _ => throw new UnreachableException(),
        };
        var tags = new TagList { { "outcome", name } };
        if (reason is not null) tags.Add("reason", reason);
        signals.Add(1, tags);
    }

    private static KeyValuePair<string, object?> Of(string list) => new("list", list);
}
