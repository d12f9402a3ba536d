using System.Security.Claims;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Retention.Features;

/// <summary>What is kept here of the person who asks: their token says who it is, so that no address has to.</summary>
internal static class OwnDocuments
{
    /// <summary>The documents of the person, in no order that means anything; nothing for a token that names nobody.</summary>
    public static async Task<IReadOnlyList<T>> OfAsync<T>(ClaimsPrincipal person, SubjectRefs refs, DocumentSession session, int most, CancellationToken cancellationToken)
        where T : class, ISubjectDocument
    {
        if (person.FindFirstValue("customer_id") is not { } customerId || !SubjectRefs.IsCustomerId(customerId)) return [];
        var subject = refs.Of(customerId);
        return await session.QueryAsync<T>("subject", after: SubjectIndex.Before(subject), atMost: SubjectIndex.Through(subject, 0), limit: most, cancellationToken: cancellationToken);
    }
}
