using Microsoft.Extensions.Options;
using Personalization.Platform;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>
/// Learns behavioural groups, now and then, for each purpose that somebody declared a segment for: of people who permit it now, and only means of at
/// least as many as the threshold are kept.
/// </summary>
public sealed partial class LearnGroups(ServiceModule module, IOptions<ProfileOptions> options, TimeProvider time, ILogger<LearnGroups> logger) : BackgroundService
{
    private const int MostPeople = 10_000;
    private const int Page = 500;
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => time.RepeatAsync(Every, LearnAllAsync, LogFailed, stoppingToken);

    private async Task LearnAllAsync(CancellationToken cancellationToken)
    {
        foreach (var purpose in (await module.OpenSession().SegmentsAsync(cancellationToken)).Select(segment => segment.Purpose).Distinct()) await LearnAsync(purpose, cancellationToken);
    }

    private async Task LearnAsync(string purpose, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var session = module.OpenSession();
        var before = await session.LoadAsync<GroupModel>(purpose, cancellationToken);
        if (!module.Lease.IsValid) return;

        // Groups of the first few, learnt while the others are still coming, would otherwise stand for a day.
        var all = await session.CountAsync<VaultEntry>("subject", cancellationToken: cancellationToken);
        if (now < before?.LearntAt?.AddHours(options.Value.LearnGroupsEveryHours) && all < 2 * Math.Max(1, before.Of)) return;

        var types = await session.EventTypesAsync(cancellationToken);
        var fields = new UsableFields(purpose, types);
        var (behaviours, lookedAt) = (new List<double[]>(), 0);
        for (var after = ""; lookedAt < MostPeople;)
        {
            var people = await module.OpenSession().QueryRowsAsync<VaultEntry>("subject", after: after, limit: Page, cancellationToken: cancellationToken);
            foreach (var person in people)
            {
                var reading = module.OpenSession();
                var gate = await reading.LoadAsync<SubjectGate>(person.Id, cancellationToken) ?? SubjectGate.Closed(person.Id);
                if (!gate.Allows(purpose, now)) continue;
                var seen = Observations.Of(await SubjectData.ReadAsync(reading, gate, cancellationToken), gate, purpose);
                if (Behaviour.Of(seen, types, fields, now) is { } behaviour) behaviours.Add(behaviour);
            }

            lookedAt += people.Count;
            if (people.Count < Page) break;
            after = people[^1].Value;
        }

        var standFor = lookedAt == 0 ? 0 : behaviours.Count * Math.Max(all, lookedAt) / lookedAt;
        session.Store(GroupModel.Learn(purpose, behaviours, standFor, options.Value.SuppressBelow, now) with { Of = all });
        await session.UseAsync(fields.All(), new FieldUse(UseKind.Groups, purpose, now.DayOf(), purpose), cancellationToken);
        await session.CommitAsync(cancellationToken);
    }

    [LoggerMessage(LogLevel.Warning, "Learning groups failed ({Error}); it is tried again")]
    private partial void LogFailed(string error);
}
