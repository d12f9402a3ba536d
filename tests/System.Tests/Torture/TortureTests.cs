using System.Globalization;
using System.Text.Json.Nodes;
using Personalization.Platform.Http;
using Personalization.System.Tests.Harness;
using Personalization.Testing;
using Xunit;
using Xunit.Abstractions;

namespace Personalization.System.Tests.Torture;

/// <summary>
/// The system as it is deployed, in processes, while these are killed and paused, the broker dies and connections hang: what was answered holds.
/// </summary>
/// <remarks><c>./dev torture --minutes 3 --seed 1</c> runs it for longer, or with another seed; here it is short.</remarks>
public sealed class TortureTests(ITestOutputHelper output)
{
    private static readonly double Minutes = double.Parse(Environment.GetEnvironmentVariable("PERSONALIZATION_TORTURE_MINUTES") ?? "0.75", CultureInfo.InvariantCulture);
    private static readonly TimeSpan Healing = TimeSpan.FromMinutes(2);

    /// <summary>What chance begins with.</summary>
    public static TheoryData<int> Seeds { get; } =
        [.. (Environment.GetEnvironmentVariable("PERSONALIZATION_TORTURE_SEEDS") ?? "1,2,3").Split(',').Select(seed => int.Parse(seed, CultureInfo.InvariantCulture))];

    [RequiresDockerTheory]
    [MemberData(nameof(Seeds))]
    public async Task What_was_answered_holds_whatever_happens(int seed)
    {
        await using var system = new ProcessSystem();
        var cinema = new Cinema(system);
        await system.StartAsync();
        await cinema.OpenAsync();
        await cinema.FillAsync();
        await using var history = new History(Path.Combine(AppContext.BaseDirectory, "torture", string.Create(CultureInfo.InvariantCulture, $"{seed}.ndjson")));
        var workload = new Workload(system, cinema, history, seed);
        await workload.PrepareAsync();
        await cinema.UntilPersonalizedAsync("viewer-1");

        using var disturbing = new CancellationTokenSource(TimeSpan.FromMinutes(Minutes));
        using var working = new CancellationTokenSource();
        var work = workload.RunAsync(working.Token);
        var disturbances = new Disturbances(system, history, seed);
        await disturbances.RunAsync(disturbing.Token);
        await disturbances.RestartAllAsync();
        await working.CancelAsync();
        await work;
        var open = await HealAsync(system);
        var operations = await history.CompleteAsync();
        var held = new List<HeldEvent>();
        foreach (var customer in Workload.Customers) held.AddRange((await workload.HeldOfAsync(customer)).Select(item => new HeldEvent(customer, item.Time, item.Purposes)));

        foreach (var group in operations.GroupBy(operation => (operation.Act, What: operation.Act == Act.Disturb ? operation.Customer : operation.Status.ToString(CultureInfo.InvariantCulture))).OrderBy(group => group.Key.Act))
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{group.Count(),6}  {group.Key.Act} {group.Key.What}"));
        output.WriteLine($"{held.Count} events are held at the end. The history: {history.Place}");
        Assert.Empty(Judge.FlawsOf(operations, held));
        Assert.Empty(open);
        Assert.Empty(Judge.GapsOf(operations, Minutes, Disturbances.Kinds));
    }

    /// <summary>Waits until all is well; the cases that then still wait for somebody, though they had time.</summary>
    private static async Task<IReadOnlyList<string>> HealAsync(ProcessSystem system)
    {
        system.Undisturb();
        await Eventually.Is("everything is ready", async () => (await system.As(Roles.Operator).GetAsync(new Uri("/health/ready", UriKind.Relative))).IsSuccessStatusCode, Healing);
        IReadOnlyList<string> open = [];
        var waited = TimeProvider.System.GetTimestamp();
        do
        {
            var cases = JsonNode.Parse(await system.As(Roles.Officer).GetStringAsync(new Uri("/erasures?sort=due&limit=500", UriKind.Relative)))!["items"]!.AsArray();
            open = [.. cases.Select(erasure => $"A case is {erasure!["state"]}, for {string.Join(", ", erasure["awaiting"]!.AsArray().Select(participant => (string)participant!))}.")];
        }
        while (open.Count > 0 && TimeProvider.System.GetElapsedTime(waited) < Healing);
        return open;
    }
}
