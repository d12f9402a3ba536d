using Personalization.System.Tests.Harness;

namespace Personalization.System.Tests.Torture;

/// <summary>What happens to the system, by chance: one at a time, each mended before the next.</summary>
internal sealed class Disturbances(ProcessSystem system, History history, int seed)
{
    /// <summary>The kinds, as they are written in the history before what they were done to.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["kill", "pause", "cut", "stall", "kill broker", "pause broker", "restart"];

    private readonly Random random = new(seed);

    /// <summary>Goes on until it is told to stop, but at least until there was one of each kind.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        var isFirst = true;
        do
        {
            foreach (var kind in Kinds.Take(Kinds.Count - 1).OrderBy(_ => random.Next()).ToArray())
            {
                if (!isFirst && stopping.IsCancellationRequested) return;
                await DisturbAsync(kind);
                await WaitAsync(1, 3);
            }

            isFirst = false;
        }
        while (!stopping.IsCancellationRequested);
    }

    /// <summary>Restarts every service in turn, as an upgrade does.</summary>
    public async Task RestartAllAsync()
    {
        foreach (var service in ProcessSystem.Services)
        {
            await RecordAsync($"restart {service}", async () =>
            {
                await system.StopAsync(service);
                await system.StartAsync(service);
            });
        }
    }

    private Task DisturbAsync(string kind)
    {
        var service = AnyOf(ProcessSystem.Services);
        var (connection, link) = AnyOf([.. system.Links.OrderBy(pair => pair.Key, StringComparer.Ordinal)]);
        return kind switch
        {
            "kill" => RecordAsync($"kill {service}", async () =>
            {
                system.Kill(service);
                await WaitAsync(0.2, 3);
                await system.StartAsync(service);
            }),
            "pause" => WhileAsync($"pause {service}", () => system.Pause(service), () => system.Resume(service)),
            "cut" => WhileAsync($"cut {connection}", link.Cut, link.Mend),
            "stall" => WhileAsync($"stall {connection}", link.Stall, link.Mend),
            "kill broker" => RecordAsync(kind, async () =>
            {
                await system.KillBrokerAsync();
                await WaitAsync(0.2, 3);
                await system.StartBrokerAsync();
            }),
            _ => RecordAsync(kind, async () =>
            {
                await system.PauseBrokerAsync();
                await WaitAsync(1, 7);
                await system.ResumeBrokerAsync();
            }),
        };
    }

    private Task WhileAsync(string what, Action begin, Action end) => RecordAsync(what, async () =>
    {
        begin();
        await WaitAsync(1, 7);
        end();
    });

    private async Task RecordAsync(string what, Func<Task> disturb)
    {
        var invoked = history.Now;
        await disturb();
        history.Add(new Operation(Act.Disturb, what, invoked, history.Now, 0));
    }

    private Task WaitAsync(double least, double most) => Task.Delay(TimeSpan.FromSeconds(least + (random.NextDouble() * (most - least))), TimeProvider.System);

    private T AnyOf<T>(IReadOnlyList<T> all) => all[random.Next(all.Count)];
}
