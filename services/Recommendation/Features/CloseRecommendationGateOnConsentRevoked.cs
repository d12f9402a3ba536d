using MassTransit;
using Personalization.Contracts.Consent;
using Personalization.Platform.Storage;

namespace Personalization.Recommendation.Features;

public sealed class CloseRecommendationGateOnConsentRevoked(ApplyConsent consent, DocumentSession session) : IConsumer<ConsentRevoked>
{
    public Task Consume(ConsumeContext<ConsentRevoked> context) => consent.ApplyAsync(context.Message, session, context.CancellationToken);
}
