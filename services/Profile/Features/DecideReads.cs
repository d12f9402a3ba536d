using System.Security.Claims;
using Personalization.Contracts.Profile;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>Decides who may read what of a person, and puts each read into the session: it is told of before it is answered.</summary>
public sealed class DecideReads(SubjectRefs refs, TimeProvider time)
{
    /// <summary>What of a person's data the caller may see for the purpose.</summary>
    public async Task<ReadDecision> DecideAsync(ClaimsPrincipal caller, string? purpose, SubjectGate gate, DocumentSession session, CancellationToken cancellationToken)
    {
        var rules = await session.LoadAsync<ReadRules>(ReadRules.Only, cancellationToken) ?? ReadRules.None;

        // Whatever happens to the consent before the read is on record makes the commit fail, and it is decided again.
        session.Require<SubjectGate>(gate.Id);
        return rules.Decide(caller.Role, caller.ReaderOf(refs) is not null, purpose, gate, time.GetUtcNow());
    }

    /// <summary>Puts the read on record.</summary>
    /// <param name="data"><c>profile</c> or <c>contacts</c>.</param>
    /// <param name="categories">Those in the answer.</param>
    public void Record(ClaimsPrincipal caller, ReadDecision decision, string data, IEnumerable<string> categories, SubjectGate gate, DocumentSession session) => session.Publish(new PersonalDataRead
    {
        SubjectRef = gate.Id,
        Epoch = gate.Epoch,
        Data = data,
        Role = caller.Role,
        Reader = caller.ReaderOf(refs),
        Purpose = decision.Purpose,
        Outcome = decision.Refusal is null ? "shown" : "refused",
        Reason = decision.Refusal,
        Categories = [.. categories.Distinct().Order(StringComparer.Ordinal)],
        ReadAt = time.GetUtcNow(),
    });

    /// <summary>Puts the refusal on record.</summary>
    /// <returns>What the caller is told.</returns>
    public RecordedRefusal Refuse(ClaimsPrincipal caller, ReadDecision decision, string data, SubjectGate gate, DocumentSession session)
    {
        Record(caller, decision, data, [], gate, session);
        return new RecordedRefusal(decision.Refusal switch
        {
            ReadDecision.PurposeRequired => Problems.Of(
                StatusCodes.Status400BadRequest, ReadDecision.PurposeRequired, "Reading a person's data needs a purpose of use.", "Name it: ?purpose= and the purpose's id. GET /read-rules says who may read what for which."),
            ReadDecision.ReaderUnknown => Problems.ReaderUnknown(),
            ReadDecision.NoConsent => Problems.Of(
                StatusCodes.Status403Forbidden, "no-consent-for-purpose", "The person does not consent to this purpose.", "Nobody may read their data for it; a person nothing is known of is answered alike."),
            _ => Problems.Of(
                StatusCodes.Status403Forbidden, ReadDecision.PurposeNotAllowed, "The caller's role does not read for this purpose.", "GET /read-rules says who may read what for which."),
        });
    }
}
