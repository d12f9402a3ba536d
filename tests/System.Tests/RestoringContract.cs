using System.Globalization;
using System.Net;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;
using Personalization.System.Tests.Harness;
using Personalization.Testing;
using Xunit;

namespace Personalization.System.Tests;

public sealed class RestoringSqlite(SystemFixture<OneProcessSystem> fixture) : RestoringContract<OneProcessSystem>(fixture);

[RequiresBroker]
[RequiresMongo]
public sealed class RestoringMongo(SystemFixture<DistributedSystem> fixture) : RestoringContract<DistributedSystem>(fixture);

/// <summary>P4 of the design for backups: copies from before erasures are put back while the system is stopped.</summary>
public abstract class RestoringContract<TSystem>(SystemFixture<TSystem> fixture) : IClassFixture<SystemFixture<TSystem>>, IAsyncLifetime
    where TSystem : HostedSystem, new()
{
    private const int AtOnce = 4;
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(60);
    private static readonly string[] Restored = ["profile", "recommendation"];

    // By hand with 1,000; docs/operations.md says how.
    private static readonly int Erased = int.Parse(Environment.GetEnvironmentVariable("PERSONALIZATION_RESTORED") ?? "12", CultureInfo.InvariantCulture);

    private TSystem System => fixture.System;

    private Cinema Cinema => fixture.Cinema;

    public Task InitializeAsync() => fixture.OpenAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [ContractFact]
    public async Task Restored_from_before_erasures_nothing_of_the_erased_is_left_once_the_services_are_ready()
    {
        string[] gone = [.. Enumerable.Range(0, Erased).Select(number => string.Create(CultureInfo.InvariantCulture, $"gone-{number}"))];
        await AllAsync(["returning", .. gone], async customer =>
        {
            await Cinema.GrantAsync(customer, "recommendations");
            foreach (var film in Cinema.Films[..3]) await Cinema.PublishAsync(customer, film, rating: 5);
        });
        await EraseAsync("returning");
        await Cinema.GrantAsync("returning", "recommendations");
        await Cinema.PublishAsync("returning", "f1", rating: 5);
        await Eventually.Is("signals have arrived", async () => await System.CountSealedAsync("recommendation", ["returning"], epoch: 2) > 0, Within);
        var copies = new Dictionary<string, byte[]>();
        foreach (var service in Restored) copies[service] = await CopyAsync(service);
        await AllAsync(gone, EraseAsync);

        await System.StopAsync();
        foreach (var service in Restored)
        {
            await using var store = DocumentStores.Open(System.StoreOf(service));
            await StoreBackup.RestoreAsync(store, new MemoryStream(copies[service]), CancellationToken.None);
        }

        var back = new Dictionary<string, int>();
        foreach (var service in Restored) back[service] = await System.CountSealedAsync(service, gone);
        await System.StartAsync();
        await Eventually.Is("every service is ready", IsReadyAsync, Within + TimeSpan.FromMilliseconds(100 * Erased));

        Assert.All(back, pair => Assert.True(pair.Value >= Erased, $"{pair.Key}: the copy brought {pair.Value} documents back, so nothing is shown."));
        foreach (var service in Restored) Assert.Equal(0, await System.CountSealedAsync(service, gone));
        Assert.False((await Cinema.RecommendAsync(gone[0]))["personalized"]!.GetValue<bool>());
        Assert.NotEmpty(await Cinema.ProfileAsync("returning"));
        await Cinema.UntilPersonalizedAsync("viewer-1");
    }

    [ContractFact]
    public async Task Consents_restored_from_before_decisions_are_not_relied_on_until_a_newer_copy_is_there()
    {
        await Cinema.GrantAsync("olga", "recommendations");
        var older = await CopyAsync("consent");
        await Cinema.RevokeAsync("olga");
        await Eventually.Is("the revocation is in force everywhere", async () => (await Cinema.ConsentsAsync("olga"))["inForce"]!["state"]!.GetValue<string>() == "yes", Within);
        await System.StopAsync();
        var newest = await CopyAsync("consent");

        await RestoreConsentAsync(older);
        var refused = await Eventually.Is(
            "a decision is refused", async () => (await Cinema.RevokeAsync("viewer-1")).Status, status => status == HttpStatusCode.ServiceUnavailable, Within);
        await Eventually.Is(
            "nothing is personalized, although consents say yes", async () => !(await Cinema.RecommendAsync("viewer-2"))["personalized"]!.GetValue<bool>(), Within);
        var isReady = await IsReadyAsync();
        await System.StopAsync();
        await RestoreConsentAsync(newest);
        await Cinema.UntilPersonalizedAsync("viewer-2");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused);
        Assert.False(isReady);
        Assert.Equal(HttpStatusCode.OK, (await Cinema.RevokeAsync("viewer-2")).Status);
        Assert.DoesNotContain("granted", (await Cinema.ConsentsAsync("olga")).ToJsonString(), StringComparison.Ordinal);

        async Task RestoreConsentAsync(byte[] copy)
        {
            await using (var store = DocumentStores.Open(System.StoreOf("consent"))) await StoreBackup.RestoreAsync(store, new MemoryStream(copy), CancellationToken.None);
            await System.StartAsync();
        }
    }

    private static async Task AllAsync(IReadOnlyCollection<string> customers, Func<string, Task> work) =>
        await Parallel.ForEachAsync(customers, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (customer, _) => await work(customer));

    private async Task EraseAsync(string customer)
    {
        var (_, answer) = await Cinema.RevokeAsync(customer);
        await Cinema.UntilCompletedAsync(answer["caseId"]!.GetValue<string>());
    }

    private async Task<bool> IsReadyAsync()
    {
        using var response = await System.As(Roles.Operator).GetAsync(new Uri("/health/ready", UriKind.Relative));
        return response.IsSuccessStatusCode && (await Cinema.StatusPageAsync()).Contains("Everything is ready", StringComparison.Ordinal);
    }

    private async Task<byte[]> CopyAsync(string service)
    {
        await using var store = DocumentStores.Open(System.StoreOf(service));
        using var copy = new MemoryStream();
        await StoreBackup.WriteAsync(store, new BackupHeader(service, "data", DateTimeOffset.UnixEpoch), copy, CancellationToken.None);
        return copy.ToArray();
    }
}
