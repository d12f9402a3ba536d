using System.Diagnostics;
using Xunit.Sdk;

namespace Personalization.Testing;

/// <summary>Waits for what becomes true by itself, by asking again, never by a fixed sleep.</summary>
public static class Eventually
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Asks until the answer is true; the failure says what was awaited.</summary>
    public static Task Is(string what, Func<Task<bool>> probe, TimeSpan within) =>
        Is(what, probe, isReached: static reached => reached, within);

    /// <summary>Asks until the answer is as wanted and returns it; the failure says what was awaited and the last answer, or why there was none.</summary>
    public static async Task<T> Is<T>(string what, Func<Task<T>> probe, Func<T, bool> isReached, TimeSpan within)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            string last;
            try
            {
                T value = await probe();
                if (isReached(value))
                    return value;
                last = $"was: {value}";
            }
            catch (Exception e) when (e is not XunitException)
            {
                last = $"failed: {e.GetType().Name}: {e.Message}";
            }
            if (waited.Elapsed >= within)
                throw new XunitException($"Not within {within.TotalSeconds:0.#} s: {what}. The last answer {last}");
            await Task.Delay(Pause, TimeProvider.System);
        }
    }
}
