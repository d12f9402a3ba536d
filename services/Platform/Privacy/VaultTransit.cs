using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace Personalization.Platform.Privacy;

/// <summary>
/// Data keys wrapped by the transit engine of HashiCorp Vault, many with one request. The key in Vault has to be made with
/// <c>derived=true</c>: the data key's id is the context that its own key is derived from, so a wrapped key moved to another id doesn't open.
/// </summary>
/// <remarks>The token needs <c>update</c> on <c>encrypt</c>, <c>decrypt</c> and <c>rewrap</c> of that key and <c>read</c> on <c>keys</c>, nothing else.</remarks>
public sealed partial class VaultTransit : IKeyEncryption, IDisposable
{
    private const string Family = "vault:";
    private const int Retries = 2;
    private readonly HttpClient http;
    private readonly VaultOptions options;
    private readonly string name;
    private readonly ILogger logger;
    private readonly ResiliencePipeline<HttpResponseMessage> pipeline;
    private bool failing;

    /// <summary>Asks for nothing yet.</summary>
    /// <param name="service">The service whose data keys these are.</param>
    /// <param name="options">Checked.</param>
    /// <param name="logger">Hears when Vault can't be used, and when it can again.</param>
    public VaultTransit(string service, VaultOptions options, ILogger logger)
    {
        (this.options, this.logger, name) = (options, logger, options.KeyPrefix + service);
        http = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5), AllowAutoRedirect = false })
        {
            BaseAddress = new Uri(options.Address!, $"/v1/{options.Mount}/"),
            Timeout = Timeout.InfiniteTimeSpan,
        };
        pipeline = new ResiliencePipelineBuilder<HttpResponseMessage>()
            .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                MaxRetryAttempts = Retries,
                Delay = TimeSpan.FromMilliseconds(100),
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                ShouldHandle = new PredicateBuilder<HttpResponseMessage>().Handle<HttpRequestException>().Handle<TimeoutRejectedException>()
                    .HandleResult(response => response.StatusCode is HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError),
            })
            .AddTimeout(TimeSpan.FromMilliseconds(options.TimeoutMilliseconds))
            .Build();
    }

    /// <inheritdoc/>
    public async ValueTask<string> CurrentKeyAsync(CancellationToken cancellationToken) =>
        KeyId((await SendAsync<KeyData>(HttpMethod.Get, "keys", name, null, cancellationToken)).LatestVersion);

    /// <inheritdoc/>
    public bool Knows(string keyId) => keyId.StartsWith(Family, StringComparison.Ordinal);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<WrappedKey>> WrapAsync(IReadOnlyList<DataKey> keys, CancellationToken cancellationToken)
    {
        var results = await BatchAsync("encrypt", name, [.. keys.Select(key => new BatchPart(ContextOf(key.Id), Plaintext: Convert.ToBase64String(key.Secret.Span)))], cancellationToken);
        return [.. keys.Zip(results, (key, result) => Parse(key.Id, result))];
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<DataKey>> UnwrapAsync(IReadOnlyList<WrappedKey> keys, CancellationToken cancellationToken)
    {
        var plain = new DataKey[keys.Count];
        foreach (var ofOneKey in keys.Index().GroupBy(pair => NameOf(pair.Item.KeyId)))
        {
            var results = await BatchAsync("decrypt", ofOneKey.Key, [.. ofOneKey.Select(pair => new BatchPart(ContextOf(pair.Item.DataKeyId), Ciphertext: CiphertextOf(pair.Item)))], cancellationToken);
            foreach (var ((index, key), result) in ofOneKey.Zip(results))
                plain[index] = new DataKey(key.DataKeyId, Convert.FromBase64String(result.Plaintext ?? throw Refused(result)));
        }

        return plain;
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<WrappedKey>> RewrapAsync(IReadOnlyList<WrappedKey> keys, CancellationToken cancellationToken)
    {
        // Vault rewraps within one key and shows nobody the data key; one of another name, from before the settings changed, is unwrapped here.
        if (keys.Any(key => NameOf(key.KeyId) != name)) return await WrapAsync(await UnwrapAsync(keys, cancellationToken), cancellationToken);
        var results = await BatchAsync("rewrap", name, [.. keys.Select(key => new BatchPart(ContextOf(key.DataKeyId), Ciphertext: CiphertextOf(key)))], cancellationToken);
        return [.. keys.Zip(results, (key, result) => Parse(key.DataKeyId, result))];
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    private async Task<IReadOnlyList<BatchResult>> BatchAsync(string operation, string key, IReadOnlyList<BatchPart> items, CancellationToken cancellationToken)
    {
        var results = (await SendAsync<BatchData>(HttpMethod.Post, operation, key, new BatchRequest(items), cancellationToken)).Results;
        return results?.Count == items.Count ? results : throw Failed($"Vault answered {operation} with another number of results than it was asked for.");
    }

    private async Task<T> SendAsync<T>(HttpMethod method, string operation, string key, BatchRequest? body, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await pipeline.ExecuteAsync(async cancellation => await http.SendAsync(Request(method, $"{operation}/{key}", body), cancellation), cancellationToken);

            // Of a batch in which an item failed, Vault says 400 and which; whoever asked looks at each.
            var answer = response.IsSuccessStatusCode || (response.StatusCode == HttpStatusCode.BadRequest && body is not null)
                ? await response.Content.ReadFromJsonAsync<Answer<T>>(cancellationToken) : null;
            if (answer is not { Data: { } data }) throw Failed(await ReasonAsync(response, $"{operation}/{key}", cancellationToken));
            if (failing) LogBack(name);
            failing = false;
            return data;
        }
        catch (Exception exception) when (exception is HttpRequestException or TimeoutRejectedException or IOException or System.Text.Json.JsonException)
        {
            throw Failed($"Vault does not answer ({exception.GetType().Name}).", exception);
        }
    }

    // A request can be sent once, so each attempt has its own; with it the token is read anew.
    private HttpRequestMessage Request(HttpMethod method, string path, BatchRequest? body)
    {
        var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = body is null ? null : JsonContent.Create(body) };
        string token;
        try
        {
            token = File.ReadAllText(options.TokenFile!).Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Failed("The file with Vault's token can't be read (KeyEncryption:Vault:TokenFile).", exception);
        }

        request.Headers.Add("X-Vault-Token", token);
        request.Headers.Add("X-Vault-Request", "true");
        if (options.Namespace is { } of) request.Headers.Add("X-Vault-Namespace", of);
        return request;
    }

    private static async Task<string> ReasonAsync(HttpResponseMessage response, string path, CancellationToken cancellationToken)
    {
        // What Vault writes is not passed on: only what is known of it chooses among sentences of our own.
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        return response.StatusCode switch
        {
            HttpStatusCode.ServiceUnavailable when text.Contains("sealed", StringComparison.OrdinalIgnoreCase) => "Vault is sealed: somebody has to unseal it.",
            HttpStatusCode.Forbidden => $"Vault refuses the token for {path}: it has run out, or its policy lacks the path.",
            HttpStatusCode.NotFound => $"Vault has no {path}: the engine isn't mounted there, or the key was not made (derived=true).",
            _ => $"Vault answered {path} with {(int)response.StatusCode}.",
        };
    }

    private KeyEncryptionException Failed(string reason, Exception? inner = null)
    {
        if (!failing) LogFailed(name, reason);
        failing = true;
        return new KeyEncryptionException(reason, inner);
    }

    private static CryptographicException Refused(BatchResult result) =>
        new(result.Error is null ? "Vault answered without a result." : "Vault could not open a wrapped key: it was changed or moved, or its version is gone.");

    /// <summary>Vault's form is <c>vault:vN:BASE64</c>; stored is <c>vault:NAME:vN</c> as the key's id, and the bytes.</summary>
    private WrappedKey Parse(string dataKeyId, BatchResult result) =>
        (result.Ciphertext ?? throw Refused(result)).Split(':') is ["vault", ['v', .. var version], var base64] && int.TryParse(version, CultureInfo.InvariantCulture, out var number)
            ? new WrappedKey(dataKeyId, KeyId(number), Convert.FromBase64String(base64))
            : throw new CryptographicException("Vault answered with a ciphertext of another form.");

    private string KeyId(int version) => string.Create(CultureInfo.InvariantCulture, $"{Family}{name}:v{version}");

    private static string NameOf(string keyId) => keyId[Family.Length..keyId.LastIndexOf(':')];

    private static string CiphertextOf(WrappedKey key) => $"{Family}{key.KeyId[(key.KeyId.LastIndexOf(':') + 1)..]}:{Convert.ToBase64String(key.Wrapped)}";

    private static string ContextOf(string dataKeyId) => Convert.ToBase64String(Encoding.UTF8.GetBytes(dataKeyId));

    private sealed record Answer<T>([property: JsonPropertyName("data")] T? Data);

    private sealed record KeyData([property: JsonPropertyName("latest_version")] int LatestVersion);

    private sealed record BatchRequest([property: JsonPropertyName("batch_input")] IReadOnlyList<BatchPart> Input);

    private sealed record BatchPart(
        [property: JsonPropertyName("context")] string Context,
        [property: JsonPropertyName("plaintext"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Plaintext = null,
        [property: JsonPropertyName("ciphertext"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Ciphertext = null);

    private sealed record BatchData([property: JsonPropertyName("batch_results")] IReadOnlyList<BatchResult>? Results);

    private sealed record BatchResult(
        [property: JsonPropertyName("plaintext")] string? Plaintext, [property: JsonPropertyName("ciphertext")] string? Ciphertext, [property: JsonPropertyName("error")] string? Error);

    [LoggerMessage(LogLevel.Error, "{Key}: data keys can't be wrapped or unwrapped: {Reason}")]
    private partial void LogFailed(string key, string reason);

    [LoggerMessage(LogLevel.Information, "{Key}: Vault wraps and unwraps again")]
    private partial void LogBack(string key);
}
