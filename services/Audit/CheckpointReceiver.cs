using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Personalization.Audit.Domain;
using Personalization.Platform;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace Personalization.Audit;

/// <summary>The other party that keeps checkpoints: a file, a web address, both or none.</summary>
public sealed class CheckpointReceiver : IDisposable
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(2);
    private readonly AuditOptions options;
    private readonly HttpClient http = new();
    private readonly ResiliencePipeline<HttpResponseMessage> pipeline = new ResiliencePipelineBuilder<HttpResponseMessage>()
        .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
        {
            MaxRetryAttempts = 2,
            Delay = TimeSpan.FromMilliseconds(200),
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            ShouldHandle = new PredicateBuilder<HttpResponseMessage>().Handle<HttpRequestException>().Handle<TimeoutRejectedException>()
                .HandleResult(response => response.StatusCode is HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError),
        })
        .AddTimeout(Within)
        .Build();

    /// <summary>Made by the module.</summary>
    public CheckpointReceiver(IOptions<AuditOptions> options) => this.options = options.Value;

    /// <summary>The last checkpoint in the file; null if there is no file, or it is empty.</summary>
    public async Task<Checkpoint?> LastAsync(CancellationToken cancellationToken)
    {
        if (options.CheckpointFile is not { } file || !File.Exists(file)) return null;
        string? last = null;
        await foreach (var line in File.ReadLinesAsync(file, cancellationToken)) last = line.Length > 0 ? line : last;
        return last is null ? null : JsonSerializer.Deserialize<Checkpoint>(last, Json.Options);
    }

    /// <summary>Hands it over.</summary>
    /// <returns>Why it didn't arrive everywhere; null if it did.</returns>
    public async Task<string?> DeliverAsync(Checkpoint checkpoint, CancellationToken cancellationToken)
    {
        string? error = null;
        if (options.CheckpointFile is { } file)
        {
            try
            {
                await File.AppendAllTextAsync(file, JsonSerializer.Serialize(checkpoint, Json.Options) + "\n", cancellationToken);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                error = exception.GetType().Name;
            }
        }

        if (options.CheckpointUrl is not { } url) return error;
        try
        {
            using var response = await pipeline.ExecuteAsync(async token => await http.PostAsJsonAsync(url, checkpoint, Json.Options, token), cancellationToken);
            return response.IsSuccessStatusCode ? error : $"{(int)response.StatusCode}";
        }
        catch (Exception exception) when (exception is HttpRequestException or TimeoutRejectedException)
        {
            return exception.GetType().Name;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();
}
