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
    // Holds many checkpoints, each of some hundred bytes.
    private const int Tail = 64 * 1024;
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

    /// <summary>The last checkpoint in the file; null if there is no file, or none in it.</summary>
    public async Task<Checkpoint?> LastAsync(CancellationToken cancellationToken)
    {
        if (options.CheckpointFile is not { } file || !File.Exists(file)) return null;
        await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        stream.Seek(-Math.Min(stream.Length, Tail), SeekOrigin.End);
        using var reader = new StreamReader(stream);
        return (await reader.ReadToEndAsync(cancellationToken)).Split('\n').Reverse().Select(Parse).FirstOrDefault(checkpoint => checkpoint is not null);
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
                await File.AppendAllTextAsync(file, $"{(IsCutOff(file) ? "\n" : "")}{JsonSerializer.Serialize(checkpoint, Json.Options)}\n", cancellationToken);
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

    /// <summary>Whether a crash left the last line half written.</summary>
    private static bool IsCutOff(string file)
    {
        if (!File.Exists(file)) return false;
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        if (stream.Length == 0) return false;
        stream.Seek(-1, SeekOrigin.End);
        return stream.ReadByte() != '\n';
    }

    /// <summary>Null for a line that is none: the first of the tail, or one that a crash cut off, may be half.</summary>
    private static Checkpoint? Parse(string line)
    {
        try
        {
            return line.Length == 0 ? null : JsonSerializer.Deserialize<Checkpoint>(line, Json.Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();
}
