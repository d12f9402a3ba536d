using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Personalization.Platform.Http;
using Personalization.Platform.Security;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>A product service takes part in erasures from now on: it is told of each, and each waits for its receipt.</summary>
internal static class RegisterParticipant
{
    private const int MostSecrets = 2;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPut("/participants/{name}", HandleAsync)
        .AllowRoles(Roles.Operator)
        .ShowsNobody()
        .WithSummary("Have a product service take part in erasures")
        .WithDescription(
            "url is an https address that takes signed webhooks (Standard Webhooks: whsec_ secrets of 24 to 64 bytes). To change the secret, register the new one "
            + "before the old one, and then the new one alone.");

    private static async Task<Results<Ok<ParticipantView>, ProblemHttpResult>> HandleAsync(
        string name, Registration registration, DocumentSession session, IOptions<ProfileOptions> options, TimeProvider time, CancellationToken cancellationToken)
    {
        var wrong = new List<string>();
        if (!Participant.IsName(name)) wrong.Add("name is not up to 64 lower-case letters, digits or '-'.");
        var isUrl = Uri.TryCreate(registration.Url, UriKind.Absolute, out var url) && url is { UserInfo: "", Fragment: "" }
            && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && options.Value.HttpWebhooks));
        if (!isUrl) wrong.Add("url is not an https address.");
        if (registration.Secrets is not { Count: >= 1 and <= MostSecrets } || !registration.Secrets.All(WebhookSignature.IsSecret)) wrong.Add("secrets are not one or two of whsec_ and the base64 of 24 to 64 bytes.");
        if (wrong.Count > 0)
            return Problems.Of(StatusCodes.Status400BadRequest, "bad-participant", "The participant can't be registered so.", "Nothing was changed.", [new("errors", wrong)]);

        var before = await session.LoadAsync<Participant>(name, cancellationToken);
        var participant = new Participant { Name = name, Url = url!, Secrets = registration.Secrets!, RegisteredAt = time.GetUtcNow() };
        if (before?.SaysTheSameAs(participant) == true) participant = before;
        else session.Store(participant);
        return TypedResults.Ok(await ParticipantView.OfAsync(participant, session, cancellationToken));
    }

    /// <summary>How it is told.</summary>
    /// <param name="Url">Where.</param>
    /// <param name="Secrets">What signs both ways: the newest first.</param>
    internal sealed record Registration(string? Url = null, IReadOnlyList<string>? Secrets = null);
}
