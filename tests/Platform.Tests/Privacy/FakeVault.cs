using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Personalization.Platform.Tests.Privacy;

/// <summary>
/// What Vault's transit engine answers to what this system asks of it: derived keys with versions, batches, and the errors. It checks what
/// Vault checks (token, policy path, context, form) and encrypts for real, so a client that mixes anything up doesn't get its keys back.
/// </summary>
internal sealed class FakeVault : IAsyncDisposable
{
    public const string Token = "hvs.made-up";

    private readonly WebApplication app;
    private readonly ConcurrentDictionary<string, List<byte[]>> keys = new();

    private FakeVault(WebApplication app) => this.app = app;

    public Uri Address => new(app.Urls.First());

    public string AcceptedToken { get; set; } = Token;

    /// <summary>Answers the next requests with these, then as usual.</summary>
    public ConcurrentQueue<int> Failures { get; } = new();

    public bool IsSealed { get; set; }

    /// <summary>What requests wait for.</summary>
    public Task Door { get; set; } = Task.CompletedTask;

    /// <summary>Method and path of each request, in order.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    public string? LastNamespace { get; private set; }

    public static async Task<FakeVault> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var vault = new FakeVault(builder.Build());
        vault.app.Run(vault.AnswerAsync);
        await vault.app.StartAsync();
        return vault;
    }

    /// <summary>Makes the key, or its next version.</summary>
    public void Rotate(string name) => keys.GetOrAdd(name, _ => []).Add(RandomNumberGenerator.GetBytes(32));

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        Requests.Enqueue($"{request.Method} {request.Path}");
        LastNamespace = request.Headers["X-Vault-Namespace"].FirstOrDefault();
        await Door.WaitAsync(context.RequestAborted);
        if (Failures.TryDequeue(out var failure)) await ErrorAsync(context, failure, "made to fail");
        else if (IsSealed) await ErrorAsync(context, 503, "Vault is sealed");
        else if (request.Headers["X-Vault-Token"] != AcceptedToken || request.Headers["X-Vault-Request"] != "true") await ErrorAsync(context, 403, "permission denied");
        else if (request.Path.Value!.Split('/') is not ["", "v1", "transit", var operation, var name] || !keys.TryGetValue(name, out var versions)) await ErrorAsync(context, 404, "no handler for route");
        else if (operation == "keys" && request.Method == "GET") await DataAsync(context, 200, new JsonObject { ["latest_version"] = versions.Count, ["derived"] = true });
        else if (request.Method == "POST" && operation is "encrypt" or "decrypt" or "rewrap") await BatchAsync(context, operation, versions);
        else await ErrorAsync(context, 405, "unsupported operation");
    }

    private static async Task BatchAsync(HttpContext context, string operation, List<byte[]> versions)
    {
        var items = (await JsonNode.ParseAsync(context.Request.Body))?["batch_input"] as JsonArray;
        if (items is null or { Count: 0 })
        {
            await ErrorAsync(context, 400, "missing batch input to process");
            return;
        }

        JsonObject[] results = [.. items.Select(item => Answer(operation, item!.AsObject(), versions))];
        await DataAsync(context, results.Any(result => result["error"] is not null) ? 400 : 200, new JsonObject { ["batch_results"] = new JsonArray([.. results]) });
    }

    private static JsonObject Answer(string operation, JsonObject item, List<byte[]> versions)
    {
        try
        {
            var derivation = Convert.FromBase64String((string?)item["context"] ?? "");
            if (derivation.Length == 0) return new JsonObject { ["error"] = "missing 'context' for key derivation" };
            var plaintext = Convert.FromBase64String(operation == "encrypt" ? (string)item["plaintext"]! : "");
            if (operation != "encrypt")
            {
                if (((string)item["ciphertext"]!).Split(':') is not ["vault", var version, var body]) return new JsonObject { ["error"] = "invalid ciphertext" };
                plaintext = Open(Derive(versions[int.Parse(version[1..]) - 1], derivation), Convert.FromBase64String(body));
            }

            return operation == "decrypt"
                ? new JsonObject { ["plaintext"] = Convert.ToBase64String(plaintext) }
                : new JsonObject { ["ciphertext"] = $"vault:v{versions.Count}:{Convert.ToBase64String(Seal(Derive(versions[^1], derivation), plaintext))}" };
        }
        catch (Exception exception) when (exception is CryptographicException or FormatException or ArgumentException)
        {
            return new JsonObject { ["error"] = "cipher: message authentication failed" };
        }
    }

    private static byte[] Derive(byte[] key, byte[] context) => HKDF.DeriveKey(HashAlgorithmName.SHA256, key, 32, info: context);

    private static byte[] Seal(byte[] key, byte[] plaintext)
    {
        var result = new byte[28 + plaintext.Length];
        RandomNumberGenerator.Fill(result.AsSpan(0, 12));
        using var cipher = new AesGcm(key, 16);
        cipher.Encrypt(result.AsSpan(0, 12), plaintext, result.AsSpan(28), result.AsSpan(12, 16));
        return result;
    }

    private static byte[] Open(byte[] key, byte[] body)
    {
        var plaintext = new byte[body.Length - 28];
        using var cipher = new AesGcm(key, 16);
        cipher.Decrypt(body.AsSpan(0, 12), body.AsSpan(28), body.AsSpan(12, 16), plaintext);
        return plaintext;
    }

    private static Task DataAsync(HttpContext context, int status, JsonObject data) => WriteAsync(context, status, new JsonObject { ["request_id"] = Guid.NewGuid().ToString(), ["data"] = data });

    private static Task ErrorAsync(HttpContext context, int status, string error) => WriteAsync(context, status, new JsonObject { ["errors"] = new JsonArray(error) });

    private static Task WriteAsync(HttpContext context, int status, JsonObject body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body.ToJsonString(), Encoding.UTF8);
    }
}
