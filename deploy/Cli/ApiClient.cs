using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Personalization.Platform;
using Personalization.Platform.Http;

namespace Personalization.Cli;

/// <summary>A request as a role makes it.</summary>
internal sealed record ApiRequest(HttpMethod Method, string Path, string Role)
{
    public string ContentType { get; init; } = "application/json";

    public JsonNode? Body { get; init; }

    /// <summary>Instead of a body: newline-delimited JSON.</summary>
    public IReadOnlyList<JsonNode>? Lines { get; init; }

    public string? IfMatch { get; init; }

    public string? Accept { get; init; }

    public static ApiRequest Get(string path, string role) => new(HttpMethod.Get, path, role);

    public static ApiRequest Put(string path, string role, JsonNode body) => new(HttpMethod.Put, path, role) { Body = body };

    public static ApiRequest Post(string path, string role, IReadOnlyList<JsonNode> lines) =>
        new(HttpMethod.Post, path, role) { Lines = lines, ContentType = "application/x-ndjson" };
}

/// <summary>What came back.</summary>
internal sealed record ApiAnswer(int Status, JsonNode? Body, string? ETag)
{
    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>The stable end of the problem's type.</summary>
    public string? Problem => (string?)(Body as JsonObject)?["type"] is { } type && type.StartsWith(Problems.TypePrefix, StringComparison.Ordinal) ? type[Problems.TypePrefix.Length..] : null;

    /// <summary>For an error: status, problem and what to do about it, then a line for each thing that is wrong.</summary>
    public override string ToString()
    {
        var problem = Body as JsonObject;
        var errors = (problem?["errors"] as JsonArray ?? []).Select(error => error is JsonObject ? $"\n  {error["path"]}: {error["message"]}" : $"\n  {error}");
        return $"{Status}{(Problem is null ? "" : $" {Problem}")}{((string?)problem?["detail"] is { } detail ? $": {detail}" : "")}{string.Concat(errors)}";
    }
}

/// <summary>The system's HTTP surface, called with tokens from a source that it owns.</summary>
internal sealed class ApiClient(Uri address, ITokenSource tokens, string region) : IDisposable
{
    private readonly HttpClient http = new() { BaseAddress = address, Timeout = TimeSpan.FromSeconds(100) };
    private readonly Dictionary<string, string> signed = [];

    public Uri Address { get; } = address;

    /// <exception cref="HttpRequestException">The server can't be reached.</exception>
    public async Task<ApiAnswer> SendAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        using var message = MessageOf(request);
        using var response = await http.SendAsync(message, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        return new ApiAnswer((int)response.StatusCode, Parse(text), response.Headers.ETag?.ToString());
    }

    /// <summary>What isn't JSON, byte for byte.</summary>
    /// <exception cref="HttpRequestException">The server can't be reached, or refused.</exception>
    public async Task<byte[]> ReadAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        using var message = MessageOf(request);
        using var response = await http.SendAsync(message, cancellationToken);
        return await response.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync(cancellationToken);
    }

    /// <summary>The same, but for an instance that is catching up with consents or restarting: it is asked again for a while.</summary>
    public async Task<ApiAnswer> SendUntilTakenAsync(ApiRequest request, TimeSpan within, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        for (var pause = TimeSpan.FromMilliseconds(100); ; pause = TimeSpan.FromSeconds(Math.Min(2, pause.TotalSeconds * 2)))
        {
            var answer = await SendAsync(request, cancellationToken);
            if (answer.Status != (int)HttpStatusCode.ServiceUnavailable || TimeProvider.System.GetElapsedTime(started) > within) return answer;
            await Task.Delay(pause, TimeProvider.System, cancellationToken);
        }
    }

    public void Dispose()
    {
        http.Dispose();
        tokens.Dispose();
    }

    private string Token(string role)
    {
        lock (signed) return signed.TryGetValue(role, out var token) ? token : signed[role] = tokens.Sign(role, customerId: null, region);
    }

    private HttpRequestMessage MessageOf(ApiRequest request)
    {
        var message = new HttpRequestMessage(request.Method, request.Path);
        message.Headers.Authorization = new("Bearer", Token(request.Role));
        if (request.IfMatch is { } tag) message.Headers.IfMatch.Add(EntityTagHeaderValue.Parse(tag));
        if (request.Accept is { } form) message.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse(form));
        if (ContentOf(request) is not { } content) return message;
        message.Content = new ByteArrayContent(content);
        message.Content.Headers.ContentType = new(request.ContentType);
        return message;
    }

    private static byte[]? ContentOf(ApiRequest request)
    {
        if (request.Lines is not { } lines) return request.Body is null ? null : JsonSerializer.SerializeToUtf8Bytes(request.Body, Json.Options);
        return Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line.ToJsonString(Json.Options) + "\n")));
    }

    private static JsonNode? Parse(string text)
    {
        try
        {
            return text.Length == 0 ? null : JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }
    }
}

/// <summary>Something didn't work; the message says what and what to do about it.</summary>
internal sealed class CommandException(string message) : Exception(message);
