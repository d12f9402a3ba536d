using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Personalization.Platform.Messaging;

namespace Personalization.System.Tests.Harness;

/// <summary>What can happen to a message between a service's outbox and the others: nothing, loss, repetition, delay.</summary>
public sealed class Interceptor
{
    private readonly Lock gate = new();
    private readonly List<TaskCompletionSource> held = [];
    private Func<object, bool>? lose;
    private Func<object, bool>? hold;

    /// <summary>How often each message is delivered.</summary>
    public int Copies { get; set; } = 1;

    /// <summary>Messages published so far.</summary>
    public int Published { get; private set; }

    /// <summary>Loses the matching messages after the sender believes they arrived, as a broker does that confirms and crashes.</summary>
    public void Lose(Func<object, bool>? which)
    {
        lock (gate) lose = which;
    }

    /// <summary>Keeps the matching messages back until <see cref="Release"/>.</summary>
    public void Hold(Func<object, bool> which)
    {
        lock (gate) hold = which;
    }

    /// <summary>Lets what was held go.</summary>
    public void Release()
    {
        lock (gate)
        {
            hold = null;
            foreach (var waiting in held) waiting.TrySetResult();
            held.Clear();
        }
    }

    /// <summary>Lets everything pass once, what was held too.</summary>
    public void Reset()
    {
        Copies = 1;
        Lose(null);
        Release();
    }

    internal void Install(IServiceCollection services)
    {
        var original = services.Last(service => service.ServiceType == typeof(IMessageTransport));
        services.Replace(ServiceDescriptor.Singleton<IMessageTransport>(provider =>
            new Transport(this, (IMessageTransport)ActivatorUtilities.CreateInstance(provider, original.ImplementationType!))));
    }

    private async Task<bool> PassesAsync(object message)
    {
        Task? release = null;
        lock (gate)
        {
            Published++;
            if (lose?.Invoke(message) == true) return false;
            if (hold?.Invoke(message) == true)
            {
                var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                held.Add(waiting);
                release = waiting.Task;
            }
        }

        if (release is not null) await release;
        return true;
    }

    private sealed class Transport(Interceptor interceptor, IMessageTransport inner) : IMessageTransport
    {
        public async Task PublishAsync(Guid messageId, object message, CancellationToken cancellationToken)
        {
            if (!await interceptor.PassesAsync(message)) return;
            for (var copy = 0; copy < interceptor.Copies; copy++) await inner.PublishAsync(messageId, message, cancellationToken);
        }
    }
}
