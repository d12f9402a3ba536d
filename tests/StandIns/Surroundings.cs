using System.Collections.Concurrent;
using MassTransit;
using Personalization.Contracts.Consent;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Privacy;

namespace Personalization.StandIns;

/// <summary>What the services around the one under test know, and what they heard from it.</summary>
public sealed class Surroundings
{
    private readonly ConcurrentQueue<object> heard = new();
    private readonly ConcurrentDictionary<Guid, bool> ids = new();
    private int erasureReads;

    /// <summary>The consent stream, as Consent serves it.</summary>
    public ConcurrentQueue<ConsentStreamEntry> Stream { get; } = new();

    /// <summary>Whether Consent answers.</summary>
    public bool IsConsentReachable { get; set; } = true;

    /// <summary>The erasure sequence, as Retention serves it.</summary>
    public ConcurrentQueue<EraseSubject> Erasures { get; } = new();

    /// <summary>States of legal holds that Retention serves to those that start.</summary>
    public ConcurrentQueue<LegalHoldsChanged> Holds { get; } = new();

    /// <summary>Whether Retention answers.</summary>
    public bool IsRetentionReachable { get; set; } = true;

    /// <summary>What a message waits for before it counts as handled.</summary>
    public Func<object, Task> Before { get; set; } = _ => Task.CompletedTask;

    /// <summary>Messages of that kind so far, in the order they came.</summary>
    public IReadOnlyList<T> Heard<T>() => [.. heard.OfType<T>()];

    /// <summary>Once each: a relay that is late may send what it has sent, and here no inbox stands before it.</summary>
    internal void Hear(Guid? id, object message)
    {
        if (id is not { } known || ids.TryAdd(known, true)) heard.Enqueue(message);
    }

    /// <summary>How often the erasure sequence was read.</summary>
    public int ErasureReads => erasureReads;

    /// <summary>Two on a page, so that there are pages.</summary>
    internal ErasureSequencePage ErasuresAfter(string place)
    {
        Interlocked.Increment(ref erasureReads);
        var numbered = Erasures.Select((erasure, index) => (Place: Json.FormatNumber(index + 1), Erasure: erasure)).Where(entry => string.CompareOrdinal(entry.Place, place) > 0).Take(2).ToArray();
        var through = numbered.Length == 0 ? place : numbered[^1].Place;
        return new ErasureSequencePage { Erasures = [.. numbered.Select(entry => entry.Erasure)], Through = through, Next = numbered.Length == 2 ? through : null };
    }

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
        around.Hear(context.MessageId, context.Message);
        await around.Before(context.Message);
    }
}
