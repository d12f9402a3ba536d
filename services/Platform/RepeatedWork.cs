using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Platform;

/// <summary>Work that a service takes up again and again as long as it runs: what expires, what was missed, what others left.</summary>
public static class RepeatedWork
{
    /// <summary>Does the work now, and again after each period. One that fails, or finds that somebody else was there first, is left to the next time.</summary>
    /// <param name="time">Whose time counts.</param>
    /// <param name="every">The period.</param>
    /// <param name="work">The work; true says that there may be more of it, to be done at once.</param>
    /// <param name="failed">Hears what went wrong, in a form that names nobody: the exception's type.</param>
    /// <param name="stoppingToken">Ends it.</param>
    public static async Task RepeatAsync(this TimeProvider time, TimeSpan every, Func<CancellationToken, Task<bool>> work, Action<string> failed, CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(every, time);
        do
        {
            try
            {
                while (await work(stoppingToken))
                {
                }
            }
            catch (DocumentConflictException)
            {
                // Another instance, an erasure or a decision changed the same; the next time looks at what is left.
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // Says what is wrong with the provider of keys, and nothing of what was to be encrypted.
                failed(exception is KeyEncryptionException ? exception.Message : exception.GetType().Name);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>The same for work that is done when it returns.</summary>
    public static Task RepeatAsync(this TimeProvider time, TimeSpan every, Func<CancellationToken, Task> work, Action<string> failed, CancellationToken stoppingToken) =>
        time.RepeatAsync(every, async cancellationToken =>
        {
            await work(cancellationToken);
            return false;
        }, failed, stoppingToken);
}
