using MassTransit;
using Personalization.Contracts.Consent;
using Personalization.Platform;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Profile.Features;

/// <summary>Puts a newer consent into the gate, and says so with the same commit.</summary>
public sealed class ApplyConsent(ServiceModule module, TimeProvider time) : IConsentListener
{
    /// <inheritdoc/>
    public async Task ApplyAsync(IConsentEvent change, DocumentSession session, CancellationToken cancellationToken)
    {
        var gate = await session.LoadAsync<SubjectGate>(change.SubjectRef, cancellationToken) ?? SubjectGate.Closed(change.SubjectRef);
        if (gate.Apply(change) is not { } next) return;
        session.Store(next);
        session.Publish(new ConsentApplied { SubjectRef = next.Id, Version = next.Version, Service = module.Name, AppliedAt = time.GetUtcNow() });
    }
}

/// <summary>More is permitted.</summary>
public sealed class OpenProfileGateOnConsentGranted(ApplyConsent apply, DocumentSession session) : IConsumer<ConsentGranted>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<ConsentGranted> context) => apply.ApplyAsync(context.Message, session, context.CancellationToken);
}

/// <summary>Less is permitted, by the person's word.</summary>
public sealed class CloseProfileGateOnConsentRevoked(ApplyConsent apply, DocumentSession session) : IConsumer<ConsentRevoked>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<ConsentRevoked> context) => apply.ApplyAsync(context.Message, session, context.CancellationToken);
}

/// <summary>Less is permitted, by time.</summary>
public sealed class CloseProfileGateOnConsentExpired(ApplyConsent apply, DocumentSession session) : IConsumer<ConsentExpired>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<ConsentExpired> context) => apply.ApplyAsync(context.Message, session, context.CancellationToken);
}
