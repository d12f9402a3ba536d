using MassTransit;
using Personalization.Contracts.Profile;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>Keeps the newest read rules, by which staff are shown anything here.</summary>
public sealed class AdoptConsentReadRulesOnReadRulesChanged(DocumentSession session) : IConsumer<ReadRulesChanged>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<ReadRulesChanged> context) => ReadRules.AdoptAsync(context.Message, session, context.CancellationToken);
}
