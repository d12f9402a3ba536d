using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Personalization.Platform;
using Personalization.Platform.Messaging;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>
/// Puts what came by the bus and is no event where an operator sees it. What is about somebody who permits nothing could never be stored and is
/// refused instead, as an event of theirs would be.
/// </summary>
public sealed class QuarantineMessages(ServiceModule module, SubjectRefs refs, ProfileTelemetry telemetry, TimeProvider time) : IUnhandledMessages
{
    private const int Attempts = 10;

    /// <inheritdoc/>
    public async Task TakeAsync(ReadOnlyMemory<byte> body, string reason, CancellationToken cancellationToken)
    {
        var seen = ReceivedMessage.Of(body);
        var id = refs.Blind("quarantine", Convert.ToHexString(SHA256.HashData(seen.Event is { } json ? JsonMarshal.GetRawUtf8Value(json) : body.Span)));
        for (var attempt = 1; ; attempt++)
        {
            await module.Lease.WaitAsync(cancellationToken);
            var session = module.OpenSession();
            try
            {
                if (await DecideAsync(id, body, seen, reason, session, cancellationToken) is not { } decision) return;
                session.Store(EventCounts.Of([new CountedEvent(seen.Type, seen.Source, decision)], time.GetUtcNow()));
                await session.CommitAsync(cancellationToken);
                telemetry.Count([decision]);
                return;
            }
            catch (Exception exception) when (exception is DocumentConflictException or SubjectErasedException && attempt < Attempts)
            {
                // The same message by another instance, or another consent: decide again on what is there now.
            }
        }
    }

    /// <returns>Null if it is there already.</returns>
    private async Task<EventDecision?> DecideAsync(
        string id, ReadOnlyMemory<byte> body, ReceivedMessage seen, string reason, DocumentSession session, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (await session.LoadAsync<QuarantinedMessage>(id, cancellationToken) is { Body: not null } known && known.ExpiresAt > now) return null;
        SubjectGate? gate = null;
        if (seen.CustomerId is { } customer)
        {
            var subject = refs.Of(customer);
            gate = await session.LoadAsync<SubjectGate>(subject, cancellationToken) ?? SubjectGate.Closed(subject);
            if (!gate.Grants.Any(grant => gate.Allows(grant.Purpose, now))) return EventDecision.Refuse(reason);
            session.Require<SubjectGate>(gate.Id);
        }

        session.Store(QuarantinedMessage.Of(id, body, seen, gate, reason, now));
        return EventDecision.Quarantine(reason);
    }
}
