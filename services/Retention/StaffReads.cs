using System.Security.Claims;
using Personalization.Contracts.Profile;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Retention;

/// <summary>Puts on record that somebody other than the person was shown something of theirs.</summary>
internal static class StaffReads
{
    /// <param name="caller">Who reads.</param>
    /// <param name="refs">Makes the reader a pseudonym.</param>
    /// <param name="subjectRef">Whose data it is.</param>
    /// <param name="data">What it is, and its category.</param>
    /// <param name="now">The current time.</param>
    /// <param name="session">Tells of it with the answer's commit.</param>
    /// <returns>Whether it is recorded; not for a caller whose token names nobody, who then may not be shown it.</returns>
    public static bool Record(ClaimsPrincipal caller, SubjectRefs refs, string subjectRef, string data, DateTimeOffset now, DocumentSession session)
    {
        if (caller.ReaderOf(refs) is not { } reader) return false;
        session.Publish(new PersonalDataRead
        {
            SubjectRef = subjectRef,
            Epoch = 0,
            Data = data,
            Role = caller.Role,
            Reader = reader,
            Outcome = "shown",
            Categories = [data],
            ReadAt = now,
        });
        return true;
    }
}
