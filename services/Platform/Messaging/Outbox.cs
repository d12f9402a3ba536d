using System.Text.Json;
using Personalization.Platform.Storage;

namespace Personalization.Platform.Messaging;

/// <summary>A message that waits in the same store as the change it tells of, until the broker confirmed it. Deleted then, not flagged.</summary>
public sealed record OutboxEntry : ISubjectDocument
{
    /// <summary>The message id, a version 7 UUID: the same for every delivery.</summary>
    public required string Id { get; init; }

    /// <summary>The contract's URN, never a CLR type name.</summary>
    public required string MessageType { get; init; }

    /// <summary>The message as JSON.</summary>
    public required string Body { get; init; }

    /// <summary>When the unit of work was committed, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>W3C trace parent of the unit of work; restored by the relay, or the trace would end here.</summary>
    public string? TraceParent { get; init; }

    /// <summary>Set for messages that hold personal data: the subject whose key seals the entry.</summary>
    public string? SubjectRef { get; init; }

    /// <summary>Its epoch.</summary>
    public int Epoch { get; init; }

    /// <inheritdoc/>
    public DataKeyId? DataKey => SubjectRef is null ? null : new DataKeyId(SubjectRef, Epoch);
}

/// <summary>That a consumer has handled a message. Ids only; purged by age: versions and epochs decide, this saves work.</summary>
public sealed record InboxEntry : IDocument
{
    /// <summary>Message id, colon, queue.</summary>
    public required string Id { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }
}

/// <summary>Turns a session's messages into outbox entries and hands them to the relay once they are committed.</summary>
public sealed class Outbox(MessageTypes types, TimeProvider time)
{
    private Action<IReadOnlyList<PendingMessage>>? committed;

    /// <summary>Called after each commit with what it published.</summary>
    internal void OnCommitted(Action<IReadOnlyList<PendingMessage>> relay) => committed = relay;

    internal IReadOnlyList<PendingMessage> Wrap(IReadOnlyList<(object Message, string? TraceParent)> messages)
    {
        if (messages.Count == 0) return [];
        var now = time.GetUtcNow();
        var pending = new PendingMessage[messages.Count];
        for (var i = 0; i < pending.Length; i++)
        {
            var (message, traceParent) = messages[i];
            var type = types.Published(message.GetType());
            var subject = type.SealedFor?.Invoke(message);
            pending[i] = new PendingMessage(
                new OutboxEntry
                {
                    Id = Guid.CreateVersion7(now).ToString("N"),
                    MessageType = type.Urn,
                    Body = JsonSerializer.Serialize(message, type.ClrType, Json.Options),
                    CreatedAt = now,
                    TraceParent = traceParent,
                    SubjectRef = subject?.SubjectRef,
                    Epoch = subject?.Epoch ?? 0,
                },
                message);
        }

        return pending;
    }

    internal void Committed(IReadOnlyList<PendingMessage> entries)
    {
        if (entries.Count > 0) committed?.Invoke(entries);
    }
}

/// <summary>An outbox entry with its message, so that the relay of the same process needn't read it back.</summary>
/// <param name="Document">The entry.</param>
/// <param name="Message">The message.</param>
internal sealed record PendingMessage(OutboxEntry Document, object Message);

/// <summary>The contracts a module publishes, by URN.</summary>
public sealed class MessageTypes
{
    private readonly Dictionary<Type, PublishedMessage> byType = [];
    private readonly Dictionary<string, PublishedMessage> byUrn = [];

    /// <summary>Every contract published.</summary>
    public IEnumerable<Type> All => byType.Keys;

    /// <summary>Declares a contract.</summary>
    /// <param name="sealedFor">For a message with personal data: whose key seals it while it waits in the outbox.</param>
    public void Add<T>(Func<T, DataKeyId>? sealedFor = null)
        where T : class
    {
        var type = new PublishedMessage(typeof(T), UrnOf(typeof(T)), sealedFor is null ? null : message => sealedFor((T)message));
        byType.Add(typeof(T), type);
        byUrn.Add(type.Urn, type);
    }

    internal static string UrnOf(Type type) => $"urn:message:{type.Namespace}:{type.Name}";

    internal PublishedMessage Published(Type type) =>
        byType.TryGetValue(type, out var found) ? found : throw new InvalidOperationException($"{type.Name} is not among the messages the module publishes.");

    internal PublishedMessage? Find(string urn) => byUrn.GetValueOrDefault(urn);
}

/// <summary>A contract a module publishes.</summary>
internal sealed record PublishedMessage(Type ClrType, string Urn, Func<object, DataKeyId?>? SealedFor);
