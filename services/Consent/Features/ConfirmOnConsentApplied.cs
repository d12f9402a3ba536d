using MassTransit;
using Personalization.Consent.Domain;
using Personalization.Contracts.Consent;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>A serving service's gate holds a version: whoever waits for it is told.</summary>
public sealed class ConfirmOnConsentApplied(DocumentSession session, InForceWaiter waiter) : IConsumer<ConsentApplied>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<ConsentApplied> context)
    {
        var message = context.Message;
        var known = await session.LoadAsync<AppliedConsent>(AppliedConsent.IdOf(message.SubjectRef, message.Service), context.CancellationToken);
        if (known?.Version >= message.Version) return;
        var applied = new AppliedConsent { SubjectRef = message.SubjectRef, Service = message.Service, Version = message.Version, AppliedAt = message.AppliedAt };
        session.Store(applied);
        waiter.Heard(applied);
    }
}
