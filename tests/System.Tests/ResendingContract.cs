using System.Globalization;
using Personalization.Contracts;
using Personalization.System.Tests.Harness;
using Personalization.Testing;
using RabbitMQ.Client;
using Xunit;
using Xunit.Abstractions;

namespace Personalization.System.Tests;

public sealed class ResendingOnSqlite(SystemFixture<OneProcessSystem> fixture, ITestOutputHelper output) : ResendingContract<OneProcessSystem>(fixture, output);

/// <summary>By both doors: every other batch over the bus.</summary>
[RequiresBroker]
[RequiresMongo]
public sealed class ResendingOnMongo(SystemFixture<DistributedSystem> fixture, ITestOutputHelper output) : ResendingContract<DistributedSystem>(fixture, output)
{
    protected override async Task<bool> ResendByBusAsync(IReadOnlyList<object> events)
    {
        await using var connection = await new ConnectionFactory { Uri = Fixture.System.Broker }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        await Task.WhenAll(events.Select(sent => channel.BasicPublishAsync(
            Topology.CustomerEvents, "", mandatory: true, new BasicProperties { ContentType = "application/json", DeliveryMode = DeliveryModes.Persistent },
            global::System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(sent, Platform.Json.Options)).AsTask()));
        return true;
    }
}

/// <summary>P4 of the design for events: what product services have kept of the erased, and send again, is stored nowhere and counted to the last.</summary>
public abstract class ResendingContract<TSystem>(SystemFixture<TSystem> fixture, ITestOutputHelper output) : IClassFixture<SystemFixture<TSystem>>, IAsyncLifetime
    where TSystem : HostedSystem, new()
{
    private const int AtOnce = 4;
    private const int EventsEach = 1000;
    private static readonly string[] Stores = ["profile", "recommendation"];

    // By hand with 100,000; docs/operations.md says how.
    private static readonly int Resent = int.Parse(Environment.GetEnvironmentVariable("PERSONALIZATION_RESENT") ?? "400", CultureInfo.InvariantCulture);
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(60) + TimeSpan.FromMilliseconds(10 * Resent);

    protected SystemFixture<TSystem> Fixture => fixture;

    private TSystem System => fixture.System;

    private Cinema Cinema => fixture.Cinema;

    public Task InitializeAsync() => fixture.OpenAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [ContractFact]
    public async Task Old_events_of_the_erased_are_stored_nowhere_and_all_counted()
    {
        // The same number of either: people who are gone, and people who have come back.
        var each = Math.Min(EventsEach, Resent / 4);
        string[] gone = [.. People("resent-gone")], back = [.. People("resent-back")];
        var batches = new Dictionary<string, object[]>();
        foreach (var customer in gone.Concat(back))
        {
            await Cinema.GrantAsync(customer, "recommendations");
            var time = TimeProvider.System.GetUtcNow();
            batches[customer] = [.. Enumerable.Range(0, each).Select(number => Cinema.Event(customer, Cinema.Films[number % Cinema.Films.Length], rating: 5, time, IdOf(customer, number)))];
        }

        var stored = 0;
        foreach (var batch in batches.Values) stored += (int)(await Cinema.PublishManyAsync(batch))["accepted"]!;
        var held = await System.CountSealedAsync("profile", batches.Keys);
        await Parallel.ForEachAsync(batches.Keys, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (customer, _) =>
        {
            var (_, answer) = await Cinema.RevokeAsync(customer);
            var caseId = (string)answer["caseId"]!;
            await Eventually.Is("the erasure case is completed", () => Cinema.CaseAsync(caseId), erasure => (string?)erasure["state"] == "completed", Within);
        });
        foreach (var customer in back) await Cinema.GrantAsync(customer, "recommendations");
        await Eventually.Is("what was stored is counted", Cinema.OutcomesAsync, outcomes => outcomes["accepted"] >= stored, Within);
        var before = await Cinema.OutcomesAsync();

        var started = TimeProvider.System.GetTimestamp();
        var refused = 0;
        foreach (var (index, (customer, batch)) in batches.Index())
        {
            // Half under its own id, half under a new one.
            object[] again = [.. batch.Select((sent, number) => number % 2 == 0 ? sent : Cinema.Event(customer, Cinema.Films[number % Cinema.Films.Length], rating: 5, TimeOf(sent), $"new-{IdOf(customer, number)}"))];
            if (index % 2 == 1 && await ResendByBusAsync(again)) continue;
            var answer = await Cinema.PublishManyAsync(again);
            refused += answer["refused"]!.AsArray().Count;
            Assert.Equal((0, batch.Length), ((int)answer["accepted"]!, answer["refused"]!.AsArray().Count));
        }

        var counted = await Eventually.Is(
            "all are counted", async () => (await Cinema.OutcomesAsync()).ToDictionary(outcome => outcome.Key, outcome => outcome.Value - before.GetValueOrDefault(outcome.Key)),
            outcomes => outcomes.Values.Sum() >= Resent, Within);
        output.WriteLine($"{Resent} old events, {refused} of them over HTTP, refused and counted within {TimeProvider.System.GetElapsedTime(started).TotalSeconds:0.0} s");

        // What comes after them has arrived, so nothing of them is under way.
        await Cinema.PublishAsync(back[0], "f1", rating: 5);
        await Eventually.Is("a new event is learnt from", () => System.CountSealedAsync("recommendation", [back[0]], epoch: 2), found => found > 0, Within);
        Assert.Equal(Resent, stored);
        Assert.True(held >= Resent, $"Profile held {held} documents of the erased, so nothing is shown.");
        Assert.Equal((0, 0, Resent / 2, Resent / 2), (counted["accepted"], counted["duplicates"], counted["no-consent"], counted["before-consent"]));
        foreach (var service in Stores)
        {
            Assert.Equal(0, await System.CountSealedAsync(service, [.. gone, .. back]));
            Assert.Equal(0, await System.CountSealedAsync(service, [.. gone, .. back[1..]], epoch: 2));
        }

        Assert.Single(await Cinema.ProfileAsync(back[0]));

        IEnumerable<string> People(string name) => Enumerable.Range(0, Resent / each / 2).Select(number => string.Create(CultureInfo.InvariantCulture, $"{name}-{number}"));
    }

    /// <summary>Sends them over the bus; false: this system has none that others publish to.</summary>
    protected virtual Task<bool> ResendByBusAsync(IReadOnlyList<object> events) => Task.FromResult(false);

    private static string IdOf(string customer, int number) => string.Create(CultureInfo.InvariantCulture, $"{customer}-{number}");

    private static DateTimeOffset TimeOf(object sent) => (DateTimeOffset)sent.GetType().GetProperty("time")!.GetValue(sent)!;
}
