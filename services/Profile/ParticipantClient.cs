using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Personalization.Platform;
using Personalization.Platform.Security;
using Personalization.Profile.Domain;
using Personalization.Profile.Features;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace Personalization.Profile;

/// <summary>Tells product services whom to erase. Telling again changes nothing there, so what failed for a moment is repeated; a service that keeps failing is left alone for a while.</summary>
public sealed class ParticipantClient(IOptions<ProfileOptions> options, TimeProvider time) : IDisposable
{
    private const int LongestAnswer = 64 * 1024;
    private static readonly TimeSpan WholeTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(10);

    // What it answers is followed nowhere: the customer id goes where it was registered to go.
    private readonly HttpClient http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    })
    {
        MaxResponseContentBufferSize = LongestAnswer,
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private readonly ConcurrentDictionary<string, ResiliencePipeline> pipelines = new();

    /// <summary>Tells a service of an erasure.</summary>
    /// <returns>Its receipt; null: it took note and hands the receipt in later.</returns>
    /// <exception cref="ParticipantFailedException">It can't be reached, refused, or answered what isn't its receipt.</exception>
    public async Task<ProductReceipt?> TellAsync(Participant participant, ErasureNotice notice, CancellationToken cancellationToken)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(ErasureRequest.Of(notice), Json.Options);
        var callbacks = options.Value.PublicUrl is { } address ? new Uri(address, $"/participants/{participant.Name}/callbacks") : null;
        try
        {
            return await pipelines.GetOrAdd(participant.Name, _ => NewPipeline()).ExecuteAsync(
                async token => participant.OpenDsr is null
                    ? await SendAsync(participant, notice, body, token)
                    : await OpenDsr.AskAsync(http, participant, notice, callbacks, time, token),
                cancellationToken);
        }
        catch (Exception exception) when (exception is HttpRequestException or TimeoutRejectedException or BrokenCircuitException)
        {
            throw new ParticipantFailedException(exception is BrokenCircuitException ? "left-alone" : "unreachable");
        }
    }

    /// <summary>Asks a processor what it can do by OpenDSR.</summary>
    /// <returns>What it signs with; null if it can't erase by customer id, or its certificate isn't one of its own in force.</returns>
    /// <exception cref="ParticipantFailedException">It can't be reached.</exception>
    public async Task<string?> DiscoverAsync(Uri url, CancellationToken cancellationToken)
    {
        try
        {
            return await NewPipeline().ExecuteAsync(async token => await OpenDsr.DiscoverAsync(http, url, time.GetUtcNow(), token), cancellationToken);
        }
        catch (Exception exception) when (exception is HttpRequestException or TimeoutRejectedException)
        {
            throw new ParticipantFailedException("unreachable");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    private static ResiliencePipeline NewPipeline()
    {
        var failures = new PredicateBuilder().Handle<HttpRequestException>().Handle<TimeoutRejectedException>();
        return new ResiliencePipelineBuilder()
            .AddTimeout(WholeTimeout)
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = failures,
                MaxRetryAttempts = 2,
                Delay = TimeSpan.FromMilliseconds(200),
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
            })
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                ShouldHandle = failures,
                FailureRatio = 0.5,
                MinimumThroughput = 6,
                SamplingDuration = TimeSpan.FromSeconds(30),
                BreakDuration = TimeSpan.FromSeconds(5),
            })
            .AddTimeout(AttemptTimeout)
            .Build();
    }

    private async Task<ProductReceipt?> SendAsync(Participant participant, ErasureNotice notice, byte[] body, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        using var request = new HttpRequestMessage(HttpMethod.Post, participant.Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add(WebhookSignature.IdHeader, notice.CaseId);
        request.Headers.Add(WebhookSignature.TimestampHeader, WebhookSignature.TimestampOf(now));
        request.Headers.Add(WebhookSignature.Header, WebhookSignature.Of(participant.Secrets, notice.CaseId, now, body));
        using var response = await http.SendAsync(request, cancellationToken);
        if (response.StatusCode is >= HttpStatusCode.InternalServerError or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests) throw new HttpRequestException("The participant failed.");
        if (response.StatusCode == HttpStatusCode.Accepted) return null;
        if (response.StatusCode != HttpStatusCode.OK) throw new ParticipantFailedException("refused");

        var answer = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        now = time.GetUtcNow();
        if (!WebhookSignature.Verify(
            participant.Secrets, Header(WebhookSignature.IdHeader), Header(WebhookSignature.TimestampHeader), Header(WebhookSignature.Header), answer, now))
            throw new ParticipantFailedException("unsigned");
        return TakeProductReceipt.Read(answer) is { } receipt && receipt.Answers(notice, now) ? receipt : throw new ParticipantFailedException("mismatching");

        string? Header(string name) => response.Headers.TryGetValues(name, out var values) ? values.Single() : null;
    }
}

/// <summary>A product service didn't do what it was told.</summary>
/// <param name="outcome">A stable word.</param>
public sealed class ParticipantFailedException(string outcome) : Exception
{
    /// <summary>A stable word.</summary>
    public string Outcome { get; } = outcome;
}

/// <summary>What a product service is told, in the form of Standard Webhooks.</summary>
internal sealed record ErasureRequest(string Type, DateTimeOffset Timestamp, ErasureRequest.Erasure Data)
{
    public static ErasureRequest Of(ErasureNotice notice) => new(
        "erasure.requested", notice.NotedAt,
        new Erasure(notice.CaseId, notice.CustomerId, notice.WholeEpoch ? "all" : "narrowed", notice.Narrowed, notice.Before, notice.Reason));

    /// <param name="CaseId">The case; the receipt names it.</param>
    /// <param name="CustomerId">Whom.</param>
    /// <param name="Scope"><c>all</c>, or <c>narrowed</c>: only what no other purpose justifies.</param>
    /// <param name="Narrowed">The purposes and categories that are no longer permitted.</param>
    /// <param name="Before">What was collected until then.</param>
    /// <param name="Reason"><c>revoked</c>, <c>expired</c> or <c>requested</c>.</param>
    public sealed record Erasure(
        string CaseId, string CustomerId, string Scope, IReadOnlyList<Contracts.Consent.NarrowedConsent> Narrowed, DateTimeOffset Before, string Reason);
}
