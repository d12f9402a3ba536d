using MassTransit;
using Personalization.Contracts.Consent;
using Personalization.Platform.Storage;

namespace Personalization.Recommendation.Features;

public sealed class OpenRecommendationGateOnConsentGranted(ApplyConsent consent, DocumentSession session) : IConsumer<ConsentGranted>
{
    public Task Consume(ConsumeContext<ConsentGranted> context) => consent.ApplyAsync(context.Message, session, context.CancellationToken);
}
