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
        var record = await session.LoadAsync<ConsentRecord>(message.SubjectRef, context.CancellationToken);
        var applied = new AppliedConsent
        {
            SubjectRef = message.SubjectRef,
            Service = message.Service,
            Version = message.Version,
            AppliedAt = message.AppliedAt,
            Since = SinceOf(record?.Changes, known, message),
        };
        session.Store(applied);
        waiter.Heard(applied);
    }

    /// <summary>A purpose last changed by a version that this service has only now come to is in force there since now; the others are so since before.</summary>
    private static Dictionary<string, DateTimeOffset> SinceOf(IReadOnlyDictionary<string, PurposeChange>? changes, AppliedConsent? known, ConsentApplied message)
    {
        var since = known?.Since.ToDictionary() ?? [];
        foreach (var (purpose, change) in changes ?? new Dictionary<string, PurposeChange>())
        {
            if (change.Version <= message.Version && !(change.Version <= known?.Version)) since[purpose] = message.AppliedAt;
        }

        return since;
    }
}
