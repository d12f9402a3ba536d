namespace Personalization.Benchmarks.Systems;

/// <summary>Hosts are made outside the caller's async flow: MassTransit keeps its log context in it, and a second host would meet that of the first.</summary>
internal static class Detached
{
    public static Task<T> RunAsync<T>(Func<Task<T>> work)
    {
        using (ExecutionContext.SuppressFlow()) return Task.Run(work);
    }

    public static Task RunAsync(Func<Task> work)
    {
        using (ExecutionContext.SuppressFlow()) return Task.Run(work);
    }
}
