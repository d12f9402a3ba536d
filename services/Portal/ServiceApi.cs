using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization;
using Personalization.Platform.Http;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace Personalization.Portal;

/// <summary>Why there is no answer. The slug ends the stable type of an RFC 9457 problem.</summary>
public sealed record Problem(int Status, string Slug)
{
    internal static readonly Problem Unavailable = new(StatusCodes.Status503ServiceUnavailable, "unavailable");
}

/// <summary>What a service answered: a value, or a problem.</summary>
internal sealed record Answer<T>(T? Value, Problem? Problem, string? ETag = null)
    where T : class;

/// <summary>A list, as every service answers with one.</summary>
public sealed record Items<T>
{
    /// <summary>A page of it; empty for whoever may know only how many there are.</summary>
    [JsonPropertyName("items")]
    public IReadOnlyList<T> All { get; init; } = [];

    /// <summary>How to ask for the next page; null: the end.</summary>
    public string? Next { get; init; }

    /// <summary>How many there are, for whoever may know that only; null for everybody else.</summary>
    public long? Count { get; init; }

    /// <summary>What is shown to staff, what it is for and how it may be used.</summary>
    public IReadOnlyList<FieldHint>? Hints { get; init; }
}

/// <summary>What staff are told of a kind of data.</summary>
public sealed record FieldHint(string Field, string Category, string What, string For, string Use);

/// <summary>
/// Asks one service, on behalf of whoever looks at the page: with their token, so that what they may see is decided there. Only reads are repeated, and a
/// service that keeps failing is left in peace for a while.
/// </summary>
internal sealed class ServiceApi(HttpClient http)
{
    private readonly ResiliencePipeline<HttpResponseMessage> reads = new ResiliencePipelineBuilder<HttpResponseMessage>()
        .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
        {
            ShouldHandle = new PredicateBuilder<HttpResponseMessage>().Handle<HttpRequestException>().Handle<TimeoutRejectedException>()
                .HandleResult(response => response.StatusCode is HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout),
            MaxRetryAttempts = 2,
            Delay = TimeSpan.FromMilliseconds(150),
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
        })
        .AddCircuitBreaker(Breaker())
        .AddTimeout(TimeSpan.FromSeconds(5))
        .Build();

    // A decision's answer waits until all services apply it.
    private readonly ResiliencePipeline<HttpResponseMessage> writes = Once(TimeSpan.FromSeconds(20));

    // What looks through all that is held.
    private readonly ResiliencePipeline<HttpResponseMessage> longWork = Once(TimeSpan.FromSeconds(60));

    public Task<Answer<T>> GetAsync<T>(Session? session, string path, CancellationToken cancellationToken)
        where T : class => ReadAsync<T>(session, HttpMethod.Get, path, null, null, reads, cancellationToken);

    public Task<Answer<T>> SendAsync<T>(Session session, HttpMethod method, string path, object? body, CancellationToken cancellationToken, string? ifMatch = null, bool isLong = false)
        where T : class => ReadAsync<T>(session, method, path, body, ifMatch, isLong ? longWork : writes, cancellationToken);

    /// <summary>The answer as it is, to be handed on; the caller disposes of it. Null: there is none.</summary>
    /// <param name="session">Who asks.</param>
    /// <param name="path">For what.</param>
    /// <param name="accept">In which form.</param>
    /// <param name="isLong">Whether it may take long, and is asked for once: what is given once only isn't there for a second try.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<HttpResponseMessage?> OpenAsync(Session session, string path, string accept, CancellationToken cancellationToken, bool isLong = false)
    {
        try
        {
            return await (isLong ? longWork : reads).ExecuteAsync(
                async token =>
                {
                    using var request = new HttpRequestMessage(HttpMethod.Get, path);
                    Sign(request, session);
                    request.Headers.Accept.ParseAdd(accept);
                    return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token);
                },
                cancellationToken);
        }
        catch (Exception exception) when (IsUnavailable(exception))
        {
            return null;
        }
    }

    private static void Sign(HttpRequestMessage request, Session session)
    {
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", session.Token);
        request.Headers.AcceptLanguage.ParseAdd(session.Language);
    }

    private async Task<Answer<T>> ReadAsync<T>(
        Session? session, HttpMethod method, string path, object? body, string? ifMatch, ResiliencePipeline<HttpResponseMessage> pipeline, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            using var response = await pipeline.ExecuteAsync(
                async token =>
                {
                    using var request = new HttpRequestMessage(method, path);
                    if (session is not null) Sign(request, session);
                    if (ifMatch is not null) request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
                    if (body is not null) request.Content = JsonContent.Create(body, options: Platform.Json.Options);
                    return await http.SendAsync(request, token);
                },
                cancellationToken);
            return response.IsSuccessStatusCode
                ? new Answer<T>(await ValueAsync<T>(response, cancellationToken), null, response.Headers.ETag?.ToString())
                : new Answer<T>(null, await ProblemAsync(response, cancellationToken));
        }
        catch (Exception exception) when (IsUnavailable(exception))
        {
            return new Answer<T>(null, Problem.Unavailable);
        }
    }

    private static async Task<T?> ValueAsync<T>(HttpResponseMessage response, CancellationToken cancellationToken)
        where T : class => response.StatusCode == HttpStatusCode.NoContent ? null : await response.Content.ReadFromJsonAsync<T>(Platform.Json.Options, cancellationToken);

    private static async Task<Problem> ProblemAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var type = response.Content.Headers.ContentType?.MediaType == "application/problem+json"
            ? (await response.Content.ReadFromJsonAsync<ProblemBody>(Platform.Json.Options, cancellationToken))?.Type
            : null;
        return new Problem((int)response.StatusCode, type?.StartsWith(Problems.TypePrefix, StringComparison.Ordinal) == true ? type[Problems.TypePrefix.Length..] : "unexpected");
    }

    private static bool IsUnavailable(Exception exception) => exception is HttpRequestException or TimeoutRejectedException or BrokenCircuitException or JsonException;

    private static ResiliencePipeline<HttpResponseMessage> Once(TimeSpan atMost) =>
        new ResiliencePipelineBuilder<HttpResponseMessage>().AddCircuitBreaker(Breaker()).AddTimeout(atMost).Build();

    private static CircuitBreakerStrategyOptions<HttpResponseMessage> Breaker() => new()
    {
        ShouldHandle = new PredicateBuilder<HttpResponseMessage>().Handle<HttpRequestException>().Handle<TimeoutRejectedException>(),
        FailureRatio = .5,
        MinimumThroughput = 10,
        SamplingDuration = TimeSpan.FromSeconds(10),
        BreakDuration = TimeSpan.FromSeconds(5),
    };

    private sealed record ProblemBody(string? Type = null);
}
