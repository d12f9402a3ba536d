using System.Collections.Concurrent;
using MassTransit;
using Personalization.Contracts.Consent;
using Personalization.Platform.Privacy;

namespace Personalization.StandIns;

/// <summary>What the services around the one under test know, and what they heard from it.</summary>
public sealed class Surroundings
{
    private readonly ConcurrentQueue<object> heard = new();

    /// <summary>The consent stream, as Consent serves it.</summary>
    public ConcurrentQueue<ConsentStreamEntry> Stream { get; } = new();

    /// <summary>Whether Consent answers.</summary>
    public bool IsConsentReachable { get; set; } = true;

    /// <summary>What a message waits for before it counts as handled.</summary>
    public Func<object, Task> Before { get; set; } = _ => Task.CompletedTask;

    /// <summary>Messages of that kind so far, in the order they came.</summary>
    public IReadOnlyList<T> Heard<T>() => [.. heard.OfType<T>()];

    internal void Hear(object message) => heard.Enqueue(message);

    internal ConsentStreamPage PageAfter(long number)
    {
        var entries = Stream.ToArray();
        return new ConsentStreamPage { Head = entries.Length, Through = entries.Length, Entries = [.. entries.Where(entry => entry.Event.Consent.Number > number)] };
    }
}

/// <summary>Keeps what it hears.</summary>
public sealed class RecordOn<TMessage>(Surroundings around) : IConsumer<TMessage>
    where TMessage : class
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<TMessage> context)
    {
        around.Hear(context.Message);
        await around.Before(context.Message);
    }
}
