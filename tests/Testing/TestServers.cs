namespace Personalization.Testing;

/// <summary>What this process started for its tests, and ends with it.</summary>
internal static class TestServers
{
    private static readonly Lock Gate = new();
    private static readonly Stack<Func<Task>> Started = new();

    // The test framework stops them after the last test; this is for a run that ends otherwise.
    static TestServers() => AppDomain.CurrentDomain.ProcessExit += static (_, _) => StopAsync().Wait(TimeSpan.FromSeconds(20));

    public static void StopAtEnd(Func<Task> stop)
    {
        lock (Gate)
            Started.Push(stop);
    }

    public static async Task StopAsync()
    {
        while (Next() is { } stop)
            await stop();

        static Func<Task>? Next()
        {
            lock (Gate)
                return Started.TryPop(out Func<Task>? stop) ? stop : null;
        }
    }
}
