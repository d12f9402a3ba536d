using System.Security.Claims;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Profile.Features;

/// <summary>Decides who may read what of a person, and puts each read into the session: it is told of before it is answered.</summary>
public sealed class DecideReads(StaffReads reads, SubjectRefs refs, TimeProvider time)
{
    /// <summary>What of a person's data the caller may see for the purpose.</summary>
    public async Task<ReadDecision> DecideAsync(ClaimsPrincipal caller, string? purpose, SubjectGate gate, DocumentSession session, CancellationToken cancellationToken)
    {
        var rules = await ReadRules.OfAsync(session, cancellationToken);

        // Whatever happens to the consent before the read is on record makes the commit fail, and it is decided again.
        session.Require<SubjectGate>(gate.Id);
        return rules.Decide(caller.Role, caller.ReaderOf(refs) is not null, purpose, gate, time.GetUtcNow());
    }

    /// <summary>Puts the read on record.</summary>
    /// <param name="caller">Who reads.</param>
    /// <param name="decision">What was decided on it.</param>
    /// <param name="data"><c>profile</c> or <c>contacts</c>.</param>
    /// <param name="categories">Those in the answer.</param>
    /// <param name="gate">Whose data it is.</param>
    /// <param name="session">Tells of it.</param>
    public void Record(ClaimsPrincipal caller, ReadDecision decision, string data, IEnumerable<string> categories, SubjectGate gate, DocumentSession session) =>
        reads.Record(caller, decision, data, categories, gate.Id, gate.Epoch, session);

    /// <summary>Puts the refusal on record.</summary>
    /// <returns>What the caller is told.</returns>
    public RecordedRefusal Refuse(ClaimsPrincipal caller, ReadDecision decision, string data, SubjectGate gate, DocumentSession session)
    {
        Record(caller, decision, data, [], gate, session);
        return new RecordedRefusal(StaffReads.ProblemOf(decision));
    }
}
