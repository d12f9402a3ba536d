namespace Personalization.Client;

/// <summary>How an <see cref="EventPublisher"/> sends.</summary>
public sealed record EventPublisherOptions
{
    /// <summary>Events in a request at most: 1 to 1000, which is what the receiver takes. Default: 500.</summary>
    public int BatchSize { get; init; } = 500;

    /// <summary>Events that wait at most; publishing more waits for room. Default: 10,000.</summary>
    public int BufferSize { get; init; } = 10_000;

    /// <summary>For one attempt. Default: 10 s.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a request is tried again. Default: 2 minutes.</summary>
    public TimeSpan GiveUpAfter { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Before the first repetition; it doubles, up to <see cref="LongestDelay"/>. A <c>Retry-After</c> is kept to. Default: 200 ms.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Between two attempts at most. Default: 10 s.</summary>
    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromSeconds(10);
}
