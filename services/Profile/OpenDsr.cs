using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization;
using Personalization.Contracts.Consent;
using Personalization.Contracts.Retention;
using Personalization.Profile.Domain;

namespace Personalization.Profile;

/// <summary>The messages of OpenDSR 2.0, and what they say of an erasure.</summary>
internal static class OpenDsr
{
    /// <summary>Who signed.</summary>
    public const string DomainHeader = "X-OpenDSR-Processor-Domain";

    /// <summary>Base64, over the body as it is on the wire.</summary>
    public const string SignatureHeader = "X-OpenDSR-Signature";

    private const string ApiVersion = "2.0";
    private const string Erasure = "erasure";
    private const string Identity = "controller_customer_id";
    private const string Raw = "raw";

    private static readonly JsonSerializerOptions Options = new(Platform.Json.Options) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>Asks a processor what it can do.</summary>
    /// <returns>What it signs with; null if it can't erase by customer id, or its certificate isn't one of its own in force.</returns>
    /// <exception cref="HttpRequestException">It can't be reached, or failed.</exception>
    public static async Task<string?> DiscoverAsync(HttpClient http, Uri url, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var discovered = Read<Discovery>(await BytesAsync(new Uri($"{url.AbsoluteUri.TrimEnd('/')}/discovery")));
        if (discovered?.ApiVersion?.StartsWith("2.", StringComparison.Ordinal) != true
            || discovered.SupportedSubjectRequestTypes?.Contains(Erasure) != true
            || discovered.SupportedIdentities?.Any(known => known is { IdentityType: Identity, IdentityFormat: Raw }) != true)
            return null;

        // Of the same host and as safely fetched, so that whoever answers there vouches for it.
        return Uri.TryCreate(discovered.ProcessorCertificate, UriKind.Absolute, out var address) && address.Scheme == url.Scheme && address.Authority == url.Authority
            ? OpenDsrProcessor.CertificateOf(await BytesAsync(address), url.Host, now)
            : null;

        async Task<byte[]> BytesAsync(Uri address)
        {
            using var response = await http.GetAsync(address, cancellationToken);
            if (response.StatusCode != HttpStatusCode.OK) throw new HttpRequestException("The processor failed.");
            return await response.Content.ReadAsByteArrayAsync(cancellationToken);
        }
    }

    /// <summary>Hands a request in the first time, and asks how it stands later.</summary>
    /// <returns>The receipt once it is completed; null: it isn't yet.</returns>
    /// <exception cref="HttpRequestException">The processor can't be reached, or failed.</exception>
    /// <exception cref="ParticipantFailedException">It refused, cancelled, or its answer isn't signed or about something else.</exception>
    public static async Task<ProductReceipt?> AskAsync(HttpClient http, Participant participant, ErasureNotice notice, Uri? callbacks, TimeProvider time, CancellationToken cancellationToken)
    {
        var processor = participant.OpenDsr!;
        var requests = $"{participant.Url.AbsoluteUri.TrimEnd('/')}/requests";
        if (notice.Sendings > 1)
        {
            using var asked = await SendAsync(new HttpRequestMessage(HttpMethod.Get, $"{requests}/{notice.RequestId}"));

            // What killed us after we noted that it is told, and before it was.
            if (asked.StatusCode != HttpStatusCode.NotFound) return ReceiptOf(await StatusAsync(asked, HttpStatusCode.OK), notice, time.GetUtcNow());
        }

        var body = JsonSerializer.SerializeToUtf8Bytes(
            new Request(
                processor.Regulation, notice.RequestId, Erasure, [new SubjectIdentity(Identity, notice.CustomerId, Raw)], notice.NotedAt, ApiVersion, callbacks is null ? null : [callbacks],
                new Dictionary<string, Extension> { [processor.Domain] = new(notice.WholeEpoch ? "all" : "narrowed", notice.Narrowed, notice.Before, notice.Reason) }),
            Options);
        var handed = new HttpRequestMessage(HttpMethod.Post, requests) { Content = new ByteArrayContent(body) };
        handed.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var response = await SendAsync(handed);
        var taken = await StatusAsync(response, HttpStatusCode.Created);
        if (taken.EncodedRequest != Convert.ToBase64String(body)) throw new ParticipantFailedException("mismatching");
        return null;

        async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request)
        {
            using (request)
            {
                request.Headers.TryAddWithoutValidation("Authorization", processor.Authorization);
                var answer = await http.SendAsync(request, cancellationToken);
                if (answer.StatusCode is < HttpStatusCode.InternalServerError and not (HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests)) return answer;
                answer.Dispose();
                throw new HttpRequestException("The processor failed.");
            }
        }

        async Task<Status> StatusAsync(HttpResponseMessage answer, HttpStatusCode expected)
        {
            if (answer.StatusCode != expected) throw new ParticipantFailedException("refused");
            var bytes = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
            if (!processor.IsSigned(Header(DomainHeader), Header(SignatureHeader), bytes, time.GetUtcNow())) throw new ParticipantFailedException("unsigned");
            return Read<Status>(bytes) is { } status && status.SubjectRequestId == notice.RequestId ? status : throw new ParticipantFailedException("mismatching");

            string? Header(string name) => answer.Headers.TryGetValues(name, out var values) ? values.Single() : null;
        }
    }

    /// <summary>What a body says of a request, or null.</summary>
    public static Status? StatusOf(ReadOnlySpan<byte> body) => Read<Status>(body);

    /// <summary>The receipt of a completed request; null of one that isn't. OpenDSR says no numbers: the one line is that the request was carried out.</summary>
    /// <exception cref="ParticipantFailedException">The processor cancelled it.</exception>
    public static ProductReceipt? ReceiptOf(Status status, ErasureNotice notice, DateTimeOffset now) => status.RequestStatus switch
    {
        "completed" => new ProductReceipt
        {
            CaseId = notice.CaseId,
            ErasedAt = now,
            Erased = [new ErasedData { Store = notice.Participant, Category = "subject-request", Count = 1, Method = "erased" }],
        },
        "cancelled" => throw new ParticipantFailedException("cancelled"),
        _ => null,
    };

    private static T? Read<T>(ReadOnlySpan<byte> body)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(body, Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>How a request stands.</summary>
    internal sealed record Status(string? SubjectRequestId = null, string? RequestStatus = null, string? EncodedRequest = null);

    private sealed record Discovery(
        string? ApiVersion = null, IReadOnlyList<SubjectIdentity>? SupportedIdentities = null, IReadOnlyList<string>? SupportedSubjectRequestTypes = null, string? ProcessorCertificate = null);

    private sealed record SubjectIdentity(string IdentityType, string? IdentityValue = null, string? IdentityFormat = null);

    private sealed record Request(
        string Regulation, string SubjectRequestId, string SubjectRequestType, IReadOnlyList<SubjectIdentity> SubjectIdentities, DateTimeOffset SubmittedTime, string ApiVersion,
        IReadOnlyList<Uri>? StatusCallbackUrls, IReadOnlyDictionary<string, Extension> Extensions);

    private sealed record Extension(string Scope, IReadOnlyList<NarrowedConsent> Narrowed, DateTimeOffset Before, string Reason);
}
