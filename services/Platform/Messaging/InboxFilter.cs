using System.Diagnostics;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Personalization.Platform.Security;
using Personalization.Platform.Storage;

namespace Personalization.Platform.Messaging;

/// <summary>
/// The edge of a consumer: opens the unit of work, verifies what has to be signed, lets the consumer decide, and commits its changes
/// together with the inbox entry. Each attempt starts with nothing read, so a retry after a conflict decides on what is there now.
/// </summary>
internal sealed class InboxFilter<T>(IServiceProvider scope, ConsumerRegistry consumers, MessageVerifier verifier, TimeProvider time) : IFilter<ConsumeContext<T>>
    where T : class
{
    public async Task Send(ConsumeContext<T> context, IPipe<ConsumeContext<T>> next)
    {
        var consumer = consumers.Of(context.ReceiveContext.InputAddress);
        scope.GetRequiredService<CurrentModule>().Name = consumer.Module;
        if (context.Message is Personalization.Contracts.ISignedMessage message) verifier.Verify(message);

        var session = scope.GetRequiredService<DocumentSession>();
        session.Clear();
        await next.Send(context);
        if (!session.HasChanges) return;

        var entry = new InboxEntry { Id = $"{context.MessageId:N}:{consumer.Queue}", ReceivedAt = time.GetUtcNow() };
        var key = session.Key<InboxEntry>(entry.Id);
        session.Store(entry);
        try
        {
            await session.CommitAsync(context.CancellationToken);
        }
        catch (DocumentConflictException conflict) when (conflict.Conflicts.Contains(key))
        {
            // Handled before: the broker delivered it twice.
            Activity.Current?.SetTag("personalization.duplicate", true);
        }
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("inbox");
}
