using System.Security.Cryptography;
using System.Text.Json;

namespace Personalization.Tickets;

/// <summary>
/// The sample of a product service that takes part in erasures, as docs/participants.md says: a ticket office, which keeps its own copy of who bought which ticket. It uses nothing of the other
/// services, like one that another team writes in another language. Its settings: <c>Tickets:Url</c>, where it listens; <c>Tickets:Store</c>, a SQLite file; <c>Tickets:SecretFile</c>, the file with
/// the <c>whsec_</c> secret that it is registered with.
/// </summary>
public static class TicketOffice
{
    // The ticket office needs what people see for one purpose; an erasure that leaves it that leaves it its tickets.
    private const string Purpose = "recommendations", Category = "viewing";

    /// <summary>Starts it.</summary>
    /// <returns>The running service; null if no address is configured.</returns>
    public static async Task<WebApplication?> StartAsync(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        if (builder.Configuration["Tickets:Url"] is not { Length: > 0 } url) return null;
        builder.WebHost.UseUrls(url);
        // A line for each request would hold its path, and that the customer.
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        var data = builder.Configuration["Data:Directory"] ?? ".data";
        var secret = builder.Configuration["Tickets:SecretFile"] ?? Path.Combine(data, "keys", "tickets", "webhook-secret");
        var store = new TicketStore(builder.Configuration["Tickets:Store"] ?? Path.Combine(data, "tickets.db"));
        var isClosed = false;

        var app = builder.Build();
        app.MapPost("/tickets", (Sale sale) =>
        {
            store.Sell(sale.CustomerId, sale.FilmId, TimeProvider.System.GetUtcNow());
            return TypedResults.NoContent();
        });
        app.MapGet("/customers/{customerId}/tickets", (string customerId) => TypedResults.Ok(new { items = store.FilmsOf(customerId) }));
        // Closed for maintenance, it answers nobody: how the demo shows that a case waits for it.
        app.MapPut("/closed", (Closing closing) =>
        {
            isClosed = closing.Closed;
            return TypedResults.NoContent();
        });
        app.MapPost("/erasures", async context =>
        {
            if (isClosed) context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            else await EraseAsync(context, store, File.Exists(secret) ? await File.ReadAllTextAsync(secret, context.RequestAborted) : null);
        });
        await app.StartAsync();
        return app;
    }

    private static async Task EraseAsync(HttpContext context, TicketStore store, string? secret)
    {
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer, context.RequestAborted);
        var (body, now) = (buffer.ToArray(), TimeProvider.System.GetUtcNow());

        // Over the bytes as they came, before anything reads them.
        if (secret is null || !Webhook.Verify(secret, context.Request.Headers, body, now))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        if (Read(body) is not { Type: "erasure.requested" } told)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        // Told again, it answers what it did the first time: by now there is nothing to count.
        var receipt = store.ReceiptOf(told.Data.CaseId) ?? Erase(told.Data, store, now);
        foreach (var (name, value) in Webhook.Sign(secret, $"receipt-{RandomNumberGenerator.GetHexString(32, lowercase: true)}", now, receipt)) context.Response.Headers[name] = value;
        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(receipt, context.RequestAborted);
    }

    private static byte[] Erase(Erasure erasure, TicketStore store, DateTimeOffset now)
    {
        var isMeant = erasure.Scope == "all" || erasure.Narrowed.Any(narrowed => narrowed is { Purpose: Purpose, Category: Category });
        return store.Erase(erasure.CaseId, isMeant ? erasure.CustomerId : null, erasure.Before, (count, found) => JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                caseId = erasure.CaseId,
                erasedAt = now,
                erased = isMeant ? [new { store = "tickets", category = Category, count, method = "erased" }] : Array.Empty<object>(),
                residual = isMeant ? [new { searched = "tickets", found }] : Array.Empty<object>(),
            },
            JsonSerializerOptions.Web));
    }

    private static Told? Read(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize<Told>(body, JsonSerializerOptions.Web);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record Sale(string CustomerId, string FilmId);

    private sealed record Closing(bool Closed);

    private sealed record Told(string Type, Erasure Data);

    private sealed record Erasure(string CaseId, string CustomerId, string Scope, IReadOnlyList<Narrowed> Narrowed, DateTimeOffset Before);

    private sealed record Narrowed(string Purpose, string Category);
}
