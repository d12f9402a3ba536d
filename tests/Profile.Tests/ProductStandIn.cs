using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Personalization.Platform;
using Personalization.Platform.Security;

namespace Personalization.Profile.Tests;

/// <summary>A product service of somebody else's: takes webhooks, and answers what the test makes it answer.</summary>
internal sealed class ProductStandIn : IAsyncDisposable
{
    public static readonly string Secret = $"whsec_{Convert.ToBase64String(RandomNumberGenerator.GetBytes(24))}";
    private readonly WebApplication app;
    private readonly Func<DateTimeOffset> now;

    private ProductStandIn(WebApplication app, Func<DateTimeOffset> now) => (this.app, this.now) = (app, now);

    /// <summary>What came, with its headers.</summary>
    public ConcurrentQueue<(IReadOnlyDictionary<string, string?> Headers, byte[] Body)> Received { get; } = new();

    /// <summary>Whether it does anything at all.</summary>
    public bool IsUp { get; set; } = true;

    /// <summary>What it does with a webhook.</summary>
    public Func<JsonNode, HttpResponse, Task> Answer { get; set; } = (_, _) => Task.CompletedTask;

    public string Url => $"{app.Urls.First()}/erasures";

    public static async Task<ProductStandIn> StartAsync(Func<DateTimeOffset> now)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var product = new ProductStandIn(app, now);
        product.Answer = (told, response) => product.ReceiptAsync(told, response);
        app.MapPost("/erasures", product.HandleAsync);
        await app.StartAsync();
        return product;
    }

    /// <summary>A receipt for what it was told.</summary>
    public byte[] ReceiptFor(JsonNode told, long found = 0, string method = "erased") => JsonSerializer.SerializeToUtf8Bytes(
        new
        {
            caseId = (string?)told["data"]!["caseId"],
            erasedAt = now(),
            erased = new[] { new { store = "orders", category = "purchase", count = 2, method } },
            residual = new[] { new { searched = "orders", found } },
        },
        Json.Options);

    /// <summary>Answers with a receipt.</summary>
    public async Task ReceiptAsync(JsonNode told, HttpResponse response, long found = 0, string? secret = null)
    {
        var body = ReceiptFor(told, found);
        foreach (var (name, value) in Signed(body, secret ?? Secret)) response.Headers[name] = value;
        await response.Body.WriteAsync(body);
    }

    /// <summary>The headers that sign a body.</summary>
    public IReadOnlyDictionary<string, string> Signed(byte[] body, string? secret = null) => new Dictionary<string, string>
    {
        [WebhookSignature.IdHeader] = "r1",
        [WebhookSignature.TimestampHeader] = WebhookSignature.TimestampOf(now()),
        [WebhookSignature.Header] = WebhookSignature.Of([secret ?? Secret], "r1", now(), body),
    };

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task HandleAsync(HttpContext context)
    {
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer);
        var body = buffer.ToArray();
        if (!IsUp)
        {
            context.Response.StatusCode = (int)HttpStatusCode.ServiceUnavailable;
            return;
        }

        Received.Enqueue((context.Request.Headers.ToDictionary(header => header.Key.ToLowerInvariant(), header => (string?)header.Value), body));
        await Answer(JsonNode.Parse(body)!, context.Response);
    }
}
