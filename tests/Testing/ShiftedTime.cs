namespace Personalization.Testing;

/// <summary>The real time, moved by as much as a test says: what is due next year becomes due now, and timers keep their real pace.</summary>
public sealed class ShiftedTime : TimeProvider
{
    private long ticks;

    /// <summary>Moves the wall clock forward; the monotonic clock stays.</summary>
    public void Advance(TimeSpan by) => Interlocked.Add(ref ticks, by.Ticks);

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref ticks));
}
