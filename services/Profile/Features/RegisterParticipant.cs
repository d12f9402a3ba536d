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
    private const int MostPurposes = 50;
    private const int LongestAuthorization = 4096;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPut("/participants/{name}", HandleAsync)
        .AllowRoles(Roles.Operator)
        .ShowsNobody()
        .WithSummary("Have a product service take part in erasures")
        .WithDescription(
            "url is an https address that takes signed webhooks (Standard Webhooks: whsec_ secrets of 24 to 64 bytes). To change the secret, register the new one "
            + "before the old one, and then the new one alone. A processor that speaks OpenDSR 2.0 has openDsr {authorization, regulation?, purposes} instead of secrets: its discovery is read at once.");

    private static async Task<Results<Ok<ParticipantView>, ProblemHttpResult>> HandleAsync(
        string name, Registration registration, DocumentSession session, ParticipantClient client, IOptions<ProfileOptions> options, TimeProvider time, CancellationToken cancellationToken)
    {
        var wrong = new List<string>();
        if (!Participant.IsName(name)) wrong.Add("name is not up to 64 lower-case letters, digits or '-'.");
        var isUrl = Uri.TryCreate(registration.Url, UriKind.Absolute, out var url) && url is { UserInfo: "", Fragment: "" }
            && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && options.Value.HttpWebhooks));
        if (!isUrl) wrong.Add("url is not an https address.");
        if (registration.OpenDsr is { } asked)
        {
            if (registration.Secrets is not null) wrong.Add("openDsr and secrets exclude each other.");
            if (asked.Authorization is not { Length: > 0 and <= LongestAuthorization } || !asked.Authorization.All(sign => sign is >= ' ' and <= '~')) wrong.Add("openDsr.authorization is not what a header holds.");
            if (!OpenDsrProcessor.Regulations.Contains(asked.Regulation)) wrong.Add($"openDsr.regulation is not one of {string.Join(", ", OpenDsrProcessor.Regulations)}.");
            if (asked.Purposes is not { Count: >= 1 and <= MostPurposes }) wrong.Add("openDsr.purposes names no purpose that it processes for, or too many.");
        }
        else if (registration.Secrets is not { Count: >= 1 and <= MostSecrets } || !registration.Secrets.All(WebhookSignature.IsSecret)) wrong.Add("secrets are not one or two of whsec_ and the base64 of 24 to 64 bytes.");
        if (wrong.Count > 0)
            return Problems.Of(StatusCodes.Status400BadRequest, "bad-participant", "The participant can't be registered so.", "Nothing was changed.", [new("errors", wrong)]);

        var before = await session.LoadAsync<Participant>(name, cancellationToken);
        OpenDsrProcessor? processor = null;
        if (registration.OpenDsr is { } speaks)
        {
            if (await CertificateAsync(client, url!, cancellationToken) is not { } certificate)
            {
                return Problems.Of(
                    StatusCodes.Status400BadRequest, "bad-opendsr-discovery", "The processor can't be registered so.",
                    "GET discovery below the url has to answer with an api_version 2, the request type erasure, the identity controller_customer_id (raw), and a processor_certificate of the same host that is in force for it.");
            }

            processor = new OpenDsrProcessor { Domain = url!.Host, Certificate = certificate, Authorization = speaks.Authorization!, Regulation = speaks.Regulation, Purposes = speaks.Purposes! };
        }

        var participant = new Participant { Name = name, Url = url!, Secrets = registration.Secrets ?? [], OpenDsr = processor, RegisteredAt = time.GetUtcNow() };
        if (before?.SaysTheSameAs(participant) == true) participant = before;
        else session.Store(participant);
        return TypedResults.Ok(await ParticipantView.OfAsync(participant, session, cancellationToken));
    }

    private static async Task<string?> CertificateAsync(ParticipantClient client, Uri url, CancellationToken cancellationToken)
    {
        try
        {
            return await client.DiscoverAsync(url, cancellationToken);
        }
        catch (ParticipantFailedException)
        {
            return null;
        }
    }

    /// <summary>How it is told.</summary>
    /// <param name="Url">Where.</param>
    /// <param name="Secrets">What signs both ways: the newest first.</param>
    /// <param name="OpenDsr">Instead of secrets: it is told by OpenDSR 2.0.</param>
    internal sealed record Registration(string? Url = null, IReadOnlyList<string>? Secrets = null, OpenDsrRegistration? OpenDsr = null);

    /// <summary>A processor that speaks OpenDSR.</summary>
    /// <param name="Authorization">What it wants in the header of that name.</param>
    /// <param name="Regulation">The regulation that requests are made under: <c>gdpr</c> or <c>ccpa</c>.</param>
    /// <param name="Purposes">What it processes for.</param>
    internal sealed record OpenDsrRegistration(string? Authorization = null, string Regulation = "gdpr", IReadOnlyList<string>? Purposes = null);
}
