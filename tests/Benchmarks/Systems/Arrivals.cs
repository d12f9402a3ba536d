using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Personalization.Benchmarks.Systems;

/// <summary>Counts what is stored, and tells when it is as much as expected.</summary>
internal sealed class Arrivals
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(120);
    private readonly Lock gate = new();
    private TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long missing;

    /// <summary>Runs the work that brings so many, and returns how many a second were stored, from its start until the last.</summary>
    /// <exception cref="TimeoutException">Some of them never came.</exception>
    public async Task<double> RateOfAsync(int count, Func<Task> work, CancellationToken cancellationToken)
    {
        lock (gate) (reached, missing) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), count);
        var started = Stopwatch.GetTimestamp();
        await work();
        try
        {
            await reached.Task.WaitAsync(Within, TimeProvider.System, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"{Interlocked.Read(ref missing)} of {count} events were not stored within {Within.TotalSeconds} s.");
        }

        return count / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>So many more are stored.</summary>
    public void Add(long count)
    {
        if (Interlocked.Add(ref missing, -count) == 0) reached.TrySetResult();
    }

    /// <summary>Something that should have been stored wasn't.</summary>
    public void Fail(string reason) => reached.TrySetException(new InvalidOperationException($"An event was not stored: {reason}."));
}

/// <summary>Listens to Profile's own count of events, which is taken after the commit. A decision other than to accept means that the measurement is wrong.</summary>
internal sealed class AcceptedEvents : IDisposable
{
    private readonly MeterListener listener = new();

    public AcceptedEvents(Arrivals arrivals)
    {
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "personalization.events") self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, count, tags, _) =>
        {
            string? reason = null;
            foreach (var (name, value) in tags)
            {
                if (name == "outcome" && value is "accepted")
                {
                    arrivals.Add(count);
                    return;
                }

                if (name is "outcome" or "reason") reason = $"{reason} {value}";
            }

            arrivals.Fail(reason ?? "unknown");
        });
        listener.Start();
    }

    public void Dispose() => listener.Dispose();
}
