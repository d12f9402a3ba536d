using MassTransit;
using Personalization.Contracts.Consent;
using Personalization.Platform.Storage;

namespace Personalization.Retention.Features;

/// <summary>The fast way to a case; the pull is the certain one.</summary>
public sealed class OpenCaseOnConsentExpired(OpenErasureCase cases, DocumentSession session) : IConsumer<ConsentExpired>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<ConsentExpired> context) => cases.ApplyAsync(context.Message, session, context.CancellationToken);
}
