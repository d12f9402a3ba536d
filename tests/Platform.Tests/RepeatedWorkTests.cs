using Personalization.Platform.Storage;
using Personalization.Testing;
using Xunit;

namespace Personalization.Platform.Tests;

public sealed class RepeatedWorkTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Work_that_fails_is_told_of_and_taken_up_again_and_a_conflict_is_no_failure()
    {
        var (times, failures) = (0, new List<string>());
        using var stopping = new CancellationTokenSource();

        var repeated = TimeProvider.System.RepeatAsync(
            TimeSpan.FromMilliseconds(1), _ => Interlocked.Increment(ref times) switch
            {
                1 => throw new DocumentConflictException([]),
                2 => throw new InvalidOperationException("s1_somebody"),
                _ => Task.CompletedTask,
            },
            failures.Add, stopping.Token);

        await Eventually.Is("it goes on", () => Task.FromResult(Volatile.Read(ref times)), count => count > 3, Soon);
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => repeated);
        Assert.Equal(["InvalidOperationException"], failures);
    }

    [Fact]
    public async Task More_work_is_done_at_once_and_the_rest_after_the_period()
    {
        var left = 5;
        using var stopping = new CancellationTokenSource();

        var repeated = TimeProvider.System.RepeatAsync(TimeSpan.FromDays(1), _ => Task.FromResult(Interlocked.Decrement(ref left) > 0), _ => { }, stopping.Token);

        Assert.Equal(0, left);
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => repeated);
    }
}
