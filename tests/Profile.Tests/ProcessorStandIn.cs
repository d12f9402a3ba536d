using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Personalization.Profile.Tests;

/// <summary>A processor of somebody else's that speaks OpenDSR 2.0, and says of requests what the test makes it say.</summary>
internal sealed class ProcessorStandIn : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly RSA key = RSA.Create(2048);
    private readonly ConcurrentDictionary<string, string> requests = new();

    private ProcessorStandIn(WebApplication app) => this.app = app;

    /// <summary>Requests as they came, with the header <c>Authorization</c>.</summary>
    public ConcurrentQueue<(string? Authorization, byte[] Body)> Received { get; } = new();

    /// <summary>Whether it does anything at all.</summary>
    public bool IsUp { get; set; } = true;

    /// <summary>How every request stands.</summary>
    public string Status { get; set; } = "pending";

    /// <summary>Whom its certificate is for.</summary>
    public string CertificateFor { get; set; } = "127.0.0.1";

    /// <summary>What it says it can do.</summary>
    public JsonObject Discovery { get; private set; } = [];

    /// <summary>Spoils what it signs.</summary>
    public bool IsForged { get; set; }

    public string Url => $"{app.Urls.First()}/v2";

    public static async Task<ProcessorStandIn> StartAsync(Func<DateTimeOffset> now)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var processor = new ProcessorStandIn(app);
        app.MapGet("/v2/discovery", () => Results.Text(processor.Discovery.ToJsonString(), "application/json"));
        app.MapGet("/v2/cert.pem", () => Results.Text(processor.Certificate(now())));
        app.MapPost("/v2/requests", processor.TakeAsync);
        app.MapGet("/v2/requests/{id}", async (string id, HttpResponse response) =>
        {
            if (!processor.IsUp) response.StatusCode = (int)HttpStatusCode.ServiceUnavailable;
            else if (!processor.requests.ContainsKey(id)) response.StatusCode = (int)HttpStatusCode.NotFound;
            else await processor.AnswerAsync(response, processor.StatusOf(id, processor.Status));
        });
        await app.StartAsync();
        processor.Discovery = new JsonObject
        {
            ["api_version"] = "2.0",
            ["supported_identities"] = new JsonArray(new JsonObject { ["identity_type"] = "controller_customer_id", ["identity_format"] = "raw" }),
            ["supported_subject_request_types"] = new JsonArray("access", "erasure"),
            ["processor_certificate"] = $"{processor.Url}/cert.pem",
        };
        return processor;
    }

    /// <summary>A callback's body, byte for byte.</summary>
    public byte[] StatusOf(string requestId, string status) => Encoding.UTF8.GetBytes(
        new JsonObject { ["controller_id"] = "c1", ["expected_completion_time"] = "2030-01-01T00:00:00Z", ["subject_request_id"] = requestId, ["request_status"] = status }.ToJsonString());

    /// <summary>The headers that sign a body.</summary>
    public IReadOnlyDictionary<string, string> Signed(byte[] body, string domain = "127.0.0.1") => new Dictionary<string, string>
    {
        ["X-OpenDSR-Processor-Domain"] = domain,
        ["X-OpenDSR-Signature"] = Convert.ToBase64String(key.SignData(IsForged ? [.. body, 0] : body, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)),
    };

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        key.Dispose();
    }

    private string Certificate(DateTimeOffset now)
    {
        var request = new CertificateRequest("CN=processor", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(CertificateFor, out var address)) names.AddIpAddress(address);
        else names.AddDnsName(CertificateFor);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
        return certificate.ExportCertificatePem();
    }

    private async Task TakeAsync(HttpContext context)
    {
        if (!IsUp)
        {
            context.Response.StatusCode = (int)HttpStatusCode.ServiceUnavailable;
            return;
        }

        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer);
        var body = buffer.ToArray();
        Received.Enqueue((context.Request.Headers.Authorization, body));
        var id = (string)JsonNode.Parse(body)!["subject_request_id"]!;
        requests[id] = id;
        context.Response.StatusCode = (int)HttpStatusCode.Created;
        var answer = JsonNode.Parse(StatusOf(id, "pending"))!;
        answer["received_time"] = "2026-01-01T00:00:00Z";
        answer["encoded_request"] = Convert.ToBase64String(body);
        await AnswerAsync(context.Response, Encoding.UTF8.GetBytes(answer.ToJsonString()));
    }

    private async Task AnswerAsync(HttpResponse response, byte[] body)
    {
        foreach (var (name, value) in Signed(body)) response.Headers[name] = value;
        await response.Body.WriteAsync(body);
    }
}
