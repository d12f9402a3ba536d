using Personalization.Contracts.Consent;
using Personalization.Platform;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

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
    }
}
