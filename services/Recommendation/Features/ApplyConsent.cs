using Personalization.Contracts.Consent;
using Personalization.Platform;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Recommendation.Domain;

namespace Personalization.Recommendation.Features;

/// <summary>Puts a newer consent into the gate, and says so with the same commit.</summary>
/// <remarks>
/// From that commit on, an answer that starts in any instance finds the gate narrowed and takes the person out of its model first
/// (<see cref="ServedModel.CatchUpAsync"/>); nobody can have heard of <see cref="ConsentApplied"/> before it.
/// </remarks>
public sealed class ApplyConsent(TimeProvider time) : IConsentListener
{
    public async Task ApplyAsync(IConsentEvent change, DocumentSession session, CancellationToken cancellationToken)
    {
        var gate = await session.LoadAsync<SubjectGate>(change.SubjectRef, cancellationToken) ?? SubjectGate.Closed(change.SubjectRef);
        if (gate.Apply(change) is not { } next) return;
        session.Store(next);
        session.Publish(new ConsentApplied
        {
            SubjectRef = next.Id,
            Version = next.Version,
            Service = RecommendationModule.Service,
            AppliedAt = time.GetUtcNow(),
        });
        if (gate.Restricted.Count > 0) await OfferAgainAsync(next, session, cancellationToken);
    }

    /// <summary>What a lifted restriction lets be used again was held all the time: it joins the models by the time of its last change, as if it had just come.</summary>
    private async Task OfferAgainAsync(SubjectGate gate, DocumentSession session, CancellationToken cancellationToken)
    {
        try
        {
            if (await session.LoadAsync<SubjectHistory>(gate.Id, cancellationToken) is { } history && history.Epoch == gate.Epoch) session.Store(history with { ChangedAt = time.GetUtcNow() });
        }
        catch (DocumentUnreadableException)
        {
            // The models are without it; that must keep no consent from being applied.
        }
    }
}
