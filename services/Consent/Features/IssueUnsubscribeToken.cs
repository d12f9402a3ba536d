using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Personalization.Consent.Domain;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>Body of <c>POST /unsubscribe-tokens</c>.</summary>
/// <param name="CustomerId">Whom the mail goes to.</param>
/// <param name="Purpose">The purpose it is sent for.</param>
public sealed record IssueUnsubscribeTokenRequest(string CustomerId, string Purpose);

/// <summary>What the mail carries.</summary>
/// <param name="Headers">The two headers, by name.</param>
/// <param name="ValidUntil">Until when the link works, UTC; less long if the person is erased before it was used.</param>
public sealed record UnsubscribeTokenAnswer(IReadOnlyDictionary<string, string> Headers, DateTimeOffset ValidUntil);

/// <summary>Makes the link by which the receiver of one mail takes back the purpose it was sent for (RFC 8058). It is given out once: only its hash is stored.</summary>
internal static class IssueUnsubscribeToken
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/unsubscribe-tokens", HandleAsync)
        .AllowRoles(Roles.Product)
        .WithSummary("The List-Unsubscribe headers of a mail")
        .WithDescription("One token a mail. Mail providers go by the headers only if the mail's DKIM signature covers both (RFC 8058, 4).");

    private static async Task<Results<Created<UnsubscribeTokenAnswer>, ProblemHttpResult>> HandleAsync(
        IssueUnsubscribeTokenRequest request, DocumentSession session, SubjectRefs refs, IOptions<ConsentOptions> options, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!SubjectRefs.IsCustomerId(request.CustomerId)) return Problems.BadCustomerId();
        var subject = refs.Of(request.CustomerId);
        await session.PrefetchAsync([session.Key<Purpose>(request.Purpose), session.Key<ConsentRecord>(subject)], cancellationToken);
        if (await session.LoadAsync<Purpose>(request.Purpose, cancellationToken) is not { } purpose) return Refusals.UnknownPurpose.ToProblem();
        if (!purpose.IsConsentBased) return Refusals.NotConsentBased.ToProblem();
        if (await session.LoadAsync<ConsentRecord>(subject, cancellationToken) is not { } record || !record.IsGranted(purpose.Id))
            return Problems.Of(StatusCodes.Status409Conflict, "not-granted", "The person has not agreed to the purpose.", "Don't send the mail.");

        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var now = time.GetUtcNow();
        session.Store(UnsubscribeToken.Of(token, subject, record.Epoch, purpose.Id, now));
        return TypedResults.Created((string?)null, new UnsubscribeTokenAnswer(
            new Dictionary<string, string>
            {
                ["List-Unsubscribe"] = $"<{options.Value.PublicUrl.TrimEnd('/')}/unsubscribe/{token}>",
                ["List-Unsubscribe-Post"] = $"{UnsubscribeByToken.Key}={UnsubscribeByToken.OneClick}",
            },
            now.AddDays(options.Value.KeepUnsubscribeTokensDays)));
    }
}
