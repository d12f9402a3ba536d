using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Threading.Channels;
using Personalization.Contracts.Profile;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace Personalization.Client;

/// <summary>
/// Publishes customer events over HTTP, at least once as long as the process lives: batched, with backpressure, tried again under the same ids,
/// by which the receiver stores each once. Nothing is kept on disk: an event whose result isn't there yet is lost with the process.
/// </summary>
/// <remarks>Safe for concurrent use; one for a process. <see cref="DisposeAsync"/> sends what waits.</remarks>
public sealed class EventPublisher : IAsyncDisposable
{
    private const int MostInARequest = 1000;
    private static readonly MediaTypeHeaderValue Batch = new("application/cloudevents-batch+json");
    private readonly HttpClient http;
    private readonly EventPublisherOptions options;
    private readonly Channel<Waiting> waiting;
    private readonly ResiliencePipeline<HttpResponseMessage> pipeline;
    private readonly Task sending;

    /// <summary>Sends from now on.</summary>
    /// <param name="http">With the system's address, and a handler or header that puts a token of the role <c>product</c> on requests. It stays the caller's.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">A batch isn't 1 to 1000 events, or nothing may wait.</exception>
    public EventPublisher(HttpClient http, EventPublisherOptions? options = null)
    {
        (this.http, this.options) = (http, options ?? new EventPublisherOptions());
        ArgumentOutOfRangeException.ThrowIfLessThan(this.options.BatchSize, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(this.options.BatchSize, MostInARequest, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(this.options.BufferSize, 1, nameof(options));
        waiting = Channel.CreateBounded<Waiting>(new BoundedChannelOptions(this.options.BufferSize) { SingleReader = true });
        pipeline = new ResiliencePipelineBuilder<HttpResponseMessage>()
            .AddTimeout(this.options.GiveUpAfter)
            .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                MaxRetryAttempts = int.MaxValue,
                Delay = this.options.FirstDelay,
                MaxDelay = this.options.LongestDelay,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                ShouldHandle = new PredicateBuilder<HttpResponseMessage>().Handle<HttpRequestException>().Handle<IOException>().Handle<TimeoutRejectedException>()
                    .HandleResult(response => response.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError),
                DelayGenerator = static arguments => new(arguments.Outcome.Result?.Headers.RetryAfter?.Delta),
            })
            .AddTimeout(this.options.AttemptTimeout)
            .Build();
        sending = Task.Run(SendAsync);
    }

    /// <summary>A publisher of one declared event type.</summary>
    /// <typeparam name="T">The event's data; its members in camelCase are the declared fields.</typeparam>
    /// <param name="type">The declared event type.</param>
    /// <param name="source">The publishing system, a URI reference.</param>
    public TypedPublisher<T> For<T>(string type, string source) => new(this, type, source);

    /// <summary>Publishes, and returns what became of the event.</summary>
    /// <param name="message">Its <c>source</c> and <c>id</c> name it: the same again changes nothing.</param>
    /// <param name="cancellationToken">Ends the waiting; the event may be sent all the same.</param>
    /// <exception cref="EventPublishException">It was not taken, for a reason that repeating doesn't change or for too long.</exception>
    /// <exception cref="ChannelClosedException">The publisher was disposed.</exception>
    public async Task<EventResult> PublishAsync(CustomerEvent message, CancellationToken cancellationToken = default) =>
        await (await EnqueueAsync(message, cancellationToken)).WaitAsync(cancellationToken);

    /// <summary>Returns when there is room for the event, with a task for what becomes of it.</summary>
    /// <param name="message">Its <c>source</c> and <c>id</c> name it: the same again changes nothing.</param>
    /// <param name="cancellationToken">Ends the waiting for room.</param>
    /// <exception cref="ChannelClosedException">The publisher was disposed.</exception>
    public async ValueTask<Task<EventResult>> EnqueueAsync(CustomerEvent message, CancellationToken cancellationToken = default)
    {
        var one = new Waiting(message, new TaskCompletionSource<EventResult>(TaskCreationOptions.RunContinuationsAsynchronously));
        await waiting.Writer.WriteAsync(one, cancellationToken);
        return one.Done.Task;
    }

    /// <summary>Takes no more events, and returns when each that waits has its result or its exception.</summary>
    public async ValueTask DisposeAsync()
    {
        waiting.Writer.TryComplete();
        await sending;
    }

    private async Task SendAsync()
    {
        var batch = new List<Waiting>(options.BatchSize);
        while (await waiting.Reader.WaitToReadAsync())
        {
            // What came while the last request was under way goes with this one.
            while (batch.Count < options.BatchSize && waiting.Reader.TryRead(out var one)) batch.Add(one);
            await SendAsync(batch);
            batch.Clear();
        }
    }

    private async Task SendAsync(List<Waiting> batch)
    {
        try
        {
            var body = JsonSerializer.SerializeToUtf8Bytes(batch.Select(one => one.Event), JsonSerializerOptions.Web);
            using var response = await pipeline.ExecuteAsync(async cancellation => await http.SendAsync(Request(body), cancellation), CancellationToken.None);
            if (!response.IsSuccessStatusCode) throw await RefusedAsync(response);
            var answer = await response.Content.ReadFromJsonAsync<IngestAnswer>(JsonSerializerOptions.Web) ?? throw new JsonException("The answer is empty.");
            Complete(batch, answer);
        }
        catch (Exception exception)
        {
            var failure = exception as EventPublishException ?? new EventPublishException(
                exception is TimeoutRejectedException ? $"The events were not taken within {options.GiveUpAfter.TotalSeconds:0} s." : "The events could not be published.", inner: exception);
            foreach (var one in batch) one.Done.TrySetException(failure);
        }
    }

    // A request can be sent once, so each attempt has its own.
    private static HttpRequestMessage Request(byte[] body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/events", UriKind.Relative)) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = Batch;
        return request;
    }

    private static void Complete(List<Waiting> batch, IngestAnswer answer)
    {
        var refused = answer.Refused.ToDictionary(entry => entry.Index, entry => entry.Reason);
        var dropped = answer.Dropped.ToLookup(entry => entry.Index, entry => new DroppedField(entry.Field, entry.Reason));
        for (var i = 0; i < batch.Count; i++) batch[i].Done.TrySetResult(new EventResult(!refused.ContainsKey(i), refused.GetValueOrDefault(i), [.. dropped[i]]));
    }

    private static async Task<EventPublishException> RefusedAsync(HttpResponseMessage response)
    {
        string? problem = null;
        try
        {
            problem = (await response.Content.ReadFromJsonAsync<JsonElement>(JsonSerializerOptions.Web)).TryGetProperty("type", out var type) ? type.GetString() : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Something on the way answered, not the system: the status is all there is to say.
        }

        return new EventPublishException($"The request was answered with {(int)response.StatusCode}.", response.StatusCode, problem);
    }

    private sealed record Waiting(CustomerEvent Event, TaskCompletionSource<EventResult> Done);

    private sealed record IngestAnswer(IReadOnlyList<RefusedEvent> Refused, IReadOnlyList<DroppedEventField> Dropped);

    private sealed record RefusedEvent(int Index, string Reason);

    private sealed record DroppedEventField(int Index, string Field, string Reason);
}

/// <summary>Publishes events of one declared type.</summary>
/// <typeparam name="T">The event's data; its members in camelCase are the declared fields.</typeparam>
public sealed class TypedPublisher<T>
{
    private readonly EventPublisher publisher;
    private readonly string type;
    private readonly string source;

    internal TypedPublisher(EventPublisher publisher, string type, string source) => (this.publisher, this.type, this.source) = (publisher, type, source);

    /// <summary>Publishes, and returns what became of the event.</summary>
    /// <param name="id">The event's own, the same whenever it is published: by it and the source the receiver knows it.</param>
    /// <param name="customerId">The customer's opaque id.</param>
    /// <param name="time">When it happened; consent is compared with it.</param>
    /// <param name="data">What is declared of it.</param>
    /// <param name="cancellationToken">Ends the waiting; the event may be sent all the same.</param>
    /// <exception cref="EventPublishException">It was not taken, for a reason that repeating doesn't change or for too long.</exception>
    public Task<EventResult> PublishAsync(string id, string customerId, DateTimeOffset time, T data, CancellationToken cancellationToken = default) => publisher.PublishAsync(
        new CustomerEvent
        {
            Id = id,
            Source = source,
            Type = type,
            Subject = customerId,
            Time = time,
            Data = JsonSerializer.SerializeToElement(data, JsonSerializerOptions.Web),
        },
        cancellationToken);
}
