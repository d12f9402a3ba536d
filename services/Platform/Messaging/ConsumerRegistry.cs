namespace Personalization.Platform.Messaging;

/// <summary>A consumer of this process: one message, one queue.</summary>
/// <param name="ConsumerType">The consumer's class.</param>
/// <param name="MessageType">The contract.</param>
/// <param name="Queue">The class name in kebab case: unique in the system.</param>
/// <param name="Module">The module it belongs to.</param>
/// <param name="Prefetch">Messages the broker sends ahead.</param>
/// <param name="Exchange">A plain exchange bound to the queue as well, for publishers that send JSON without an envelope.</param>
/// <param name="Unhandled">The <see cref="IUnhandledMessages"/> of what can't be handled; null: it goes to the error queue.</param>
public sealed record ConsumerRegistration(Type ConsumerType, Type MessageType, string Queue, string Module, int Prefetch, string? Exchange, Type? Unhandled = null);

/// <summary>The consumers of this process.</summary>
public sealed class ConsumerRegistry(IReadOnlyList<ConsumerRegistration> all)
{
    private readonly Dictionary<string, ConsumerRegistration> byQueue = all.ToDictionary(consumer => consumer.Queue);

    /// <summary>All of them.</summary>
    public IReadOnlyList<ConsumerRegistration> All { get; } = all;

    /// <summary>The consumer that reads the queue of that address.</summary>
    internal ConsumerRegistration Of(Uri inputAddress) => byQueue[Path.GetFileName(inputAddress.AbsolutePath)];
}
