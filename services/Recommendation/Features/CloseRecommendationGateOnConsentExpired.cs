using MassTransit;
using Personalization.Contracts.Consent;
using Personalization.Platform.Storage;

namespace Personalization.Recommendation.Features;

public sealed class CloseRecommendationGateOnConsentExpired(ApplyConsent consent, DocumentSession session) : IConsumer<ConsentExpired>
{
    public Task Consume(ConsumeContext<ConsentExpired> context) => consent.ApplyAsync(context.Message, session, context.CancellationToken);
}
