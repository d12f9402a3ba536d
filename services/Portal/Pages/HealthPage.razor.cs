using Personalization.Platform.Telemetry;
using Personalization.Portal.Parts;

namespace Personalization.Portal.Pages;

/// <summary>How the system is.</summary>
/// <param name="Services">What each service says of itself.</param>
/// <param name="Readiness">Whether it is ready and, if not, why.</param>
/// <param name="AskedAt">UTC.</param>
public sealed record HealthModel(IReadOnlyList<FiguresOfService> Services, IReadOnlyList<ServiceStatus> Readiness, DateTimeOffset AskedAt);

/// <summary>How the system is.</summary>
public sealed partial class HealthPage
{
    // As the services have them: a lease, how long an answer waits, and when an outbox makes a service unready.
    private const double Lease = 5;
    private const double GateWait = 2;
    private const double OldestMessage = 60;

    private FiguresOfService Consent => Of("consent");

    /// <summary>How long narrowings took that are in force; null: there were none.</summary>
    private Distribution? Gate => Consent.Find("personalization.gate.duration", "outcome", "in-force")?.Recent;

    /// <summary>Those that were answered before every service had applied them.</summary>
    private double Pending => Consent.Find("personalization.gate.duration", "outcome", "pending")?.Value ?? 0;

    private double? Head => Consent.Sum("personalization.consent.head");

    private double? DeadLetters => Model.Services.Max(service => service.Sum("personalization.dead_letters"));

    private double? Quarantined => Of("profile").Sum("personalization.quarantine.waiting");

    private double Failed => Model.Services.Sum(service => service.Sum("personalization.messages.failed") ?? 0);

    private IReadOnlyList<FiguresOfService> Stale => [.. Model.Services.Where(service => service.Sum("personalization.lease.remaining") is 0)];

    private IReadOnlyList<Figure> Queues => [.. Model.Services.SelectMany(service => service.Items).Where(figure => figure.Name == "personalization.queue.depth")];

    private IEnumerable<ServiceStatus> Unready => Model.Readiness.Where(status => !status.IsReady);

    private FiguresOfService Of(string service) => Model.Services.Single(answered => answered.Service == service);

    private IReadOnlyList<string> ReasonsOf(string service) => Model.Readiness.FirstOrDefault(status => status.Name == service)?.Reasons ?? [];

    private (string Tone, string Text) StateOf(FiguresOfService service) => service.Instance is null
        ? ("bad", Say("не отвечает", "no answer"))
        : ReasonsOf(service.Service).Count > 0 ? ("bad", Say("не готов", "not ready")) : ("good", Say("готов", "ready"));

    private string Seconds(double seconds) => seconds is > 0 and < .001 ? Say("меньше 1\u00a0мс", "under 1\u00a0ms") : Visitor.Lasting(TimeSpan.FromSeconds(seconds));

    private string Whole(double? number) => number is { } known ? Visitor.Number((long)known) : "—";

    private IReadOnlyList<ChartBar> BarsOf(Distribution distribution) =>
    [
        .. distribution.Buckets.Select(bucket => new ChartBar(
            bucket.AtMost is { } boundary ? Say($"до {Seconds(boundary)}", $"up to {Seconds(boundary)}") : Say("дольше", "longer"), bucket.Count,
            Visitor.Count(bucket.Count, "отзыв", "отзыва", "отзывов", "withdrawal", "withdrawals"))),
    ];

    private static Distribution? StoreOf(FiguresOfService service) => service.Items.Where(figure => figure.Name == "personalization.store.duration").MaxBy(figure => figure.Value)?.Recent;
}
