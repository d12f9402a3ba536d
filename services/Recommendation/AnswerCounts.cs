using Microsoft.Extensions.Options;
using Personalization.Contracts.Recommendation;

namespace Personalization.Recommendation;

/// <summary>Counts what this instance decides in its answers, for the audit log: by what each was made from, not for whom.</summary>
public sealed class AnswerCounts(IOptions<RecommendationOptions> options, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly Dictionary<(string Placement, string ModelVersion, AnswerOutcome Outcome), Counted> counts = [];
    private DateTimeOffset from = time.GetUtcNow();

    public void Add(string placement, AnswerOutcome outcome, PreparedAnswer answer)
    {
        lock (gate)
        {
            var key = (placement, answer.Content.ModelVersion, outcome);
            if (!counts.TryGetValue(key, out var counted)) counts[key] = counted = new Counted();
            counted.Add(answer);
        }
    }

    /// <summary>What was counted since it was taken last; null if nothing was.</summary>
    public RecommendationsAnswered? Take()
    {
        lock (gate)
        {
            var (since, now) = (from, time.GetUtcNow());
            from = now;
            if (counts.Count == 0) return null;
            AnswersCounted[] taken = [.. counts
                .OrderBy(pair => pair.Key.Placement, StringComparer.Ordinal).ThenBy(pair => pair.Key.ModelVersion, StringComparer.Ordinal).ThenBy(pair => pair.Key.Outcome)
                .Select(pair => pair.Value.Of(pair.Key.Placement, pair.Key.ModelVersion, pair.Key.Outcome, options.Value.MinSupport))];
            counts.Clear();
            return new RecommendationsAnswered { From = since, Until = now, Answers = taken };
        }
    }

    private sealed class Counted
    {
        private readonly long[] reasons = new long[Enum.GetValues<ReasonCode>().Length];
        private long answers;
        private long? least;
        private long? greatest;

        public void Add(PreparedAnswer answer)
        {
            answers++;
            if (answer.Content.ConsentVersion is { } version) (least, greatest) = (Math.Min(least ?? version, version), Math.Max(greatest ?? version, version));
            foreach (var (code, count) in answer.Reasons) reasons[(int)code] += count;
        }

        public AnswersCounted Of(string placement, string modelVersion, AnswerOutcome outcome, int fewest) => new()
        {
            Placement = placement,
            ModelVersion = modelVersion,
            Outcome = outcome,
            Count = answers,
            ConsentVersionFrom = answers < fewest ? null : least,
            ConsentVersionTo = answers < fewest ? null : greatest,
            Reasons = [.. Enum.GetValues<ReasonCode>().Where(code => reasons[(int)code] > 0).Select(code => new ReasonsCounted { Code = code, Count = reasons[(int)code] })],
        };
    }
}
