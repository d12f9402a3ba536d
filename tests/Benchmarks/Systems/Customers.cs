using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Personalization.Benchmarks.Harness;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Security;
using Personalization.Testing;

namespace Personalization.Benchmarks.Systems;

/// <summary>A cinema and the people who rate its films, through HTTP. The declarations are those of the system tests: two fields, two purposes.</summary>
internal sealed class Customers : IDisposable
{
    /// <summary>The content type of several events.</summary>
    public const string Batch = "application/cloudevents-batch+json";

    /// <summary>What they agree to.</summary>
    public const string Purpose = "recommendations";

    private const int EventsARequest = 500;
    private const int LinesAnImport = 5_000;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);
    private static readonly DateTimeOffset LongAgo = TimeProvider.System.GetUtcNow() - TimeSpan.FromDays(30);
    private readonly Dictionary<string, string> tokens = [];
    private readonly Uri address;
    private readonly HttpClient http;
    private readonly MessageSigner issuer;

    private Customers(Uri address, string keysDirectory)
    {
        this.address = address;
        http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(10) };
        issuer = new MessageSigner(Tokens.LocalIssuerKey, Path.Combine(keysDirectory, "issuer"), TimeProvider.System);
    }

    /// <summary>Declares purposes, the event type and retention rules.</summary>
    public static async Task<Customers> OpenAsync(Uri address, string keysDirectory)
    {
        var customers = new Customers(address, keysDirectory);
        try
        {
            await Eventually.Is("the system answers", async () => await customers.SendAsync(Roles.Product, HttpMethod.Get, "/purposes") is not null, Soon);
            await customers.DeclareAsync();
            return customers;
        }
        catch
        {
            customers.Dispose();
            throw;
        }
    }

    /// <summary>A token for two hours.</summary>
    public string Token(string role) => tokens.TryGetValue(role, out var token)
        ? token
        : tokens[role] = issuer.Token(
            Tokens.LocalIssuer, TimeProvider.System.GetUtcNow(), TimeSpan.FromHours(2), new Dictionary<string, object> { ["role"] = role, ["region"] = "ru", ["sub"] = role });

    /// <summary>A person's own token, for an hour.</summary>
    public string TokenOf(string customer) => issuer.Token(
        Tokens.LocalIssuer, TimeProvider.System.GetUtcNow(), TimeSpan.FromHours(1),
        new Dictionary<string, object> { ["role"] = Roles.Subject, ["region"] = "ru", ["sub"] = customer, ["customer_id"] = customer });

    /// <summary>So many names.</summary>
    public static string[] Names(string prefix, int count) => [.. Enumerable.Range(0, count).Select(i => $"{prefix}-{i.ToString("D6", CultureInfo.InvariantCulture)}")];

    /// <summary>A rating as a CloudEvent in structured JSON.</summary>
    public static byte[] Event(string customer, string id, int film, double rating) => JsonSerializer.SerializeToUtf8Bytes(
        new
        {
            specversion = "1.0",
            id,
            source = "/cinema",
            type = "film.rated",
            subject = customer,
            time = TimeProvider.System.GetUtcNow(),
            data = new { filmId = film.ToString(CultureInfo.InvariantCulture), rating },
        },
        Json.Options);

    /// <summary>So many ratings by these people of 500 films, the same in every run but for their ids and times.</summary>
    public static byte[][] Events(IReadOnlyList<string> customers, int count)
    {
        const int Films = 500;
        var run = Guid.NewGuid().ToString("N");
        return [.. Enumerable.Range(0, count).Select(i => Event(customers[i % customers.Count], $"{run}-{i}", (int)((i * 7919L) % Films), 0.5 * ((i % 10) + 1)))];
    }

    /// <summary>The body of a request with these events.</summary>
    public static byte[] Together(IEnumerable<byte[]> events) =>
        Encoding.UTF8.GetBytes($"[{string.Join(',', events.Select(Encoding.UTF8.GetString))}]");

    /// <summary>Takes over grants of the purpose for these people and returns when Profile would take events of each.</summary>
    public async Task GrantAsync(IReadOnlyList<string> customers, CancellationToken cancellationToken)
    {
        foreach (var part in customers.Chunk(LinesAnImport))
        {
            var answer = await ImportAsync(part, cancellationToken);
            if (answer["imported"]!.GetValue<int>() != part.Length) throw new InvalidOperationException($"Not imported: {answer.ToJsonString()}");
        }

        foreach (var part in customers.Chunk(EventsARequest))
        {
            var trial = Encoding.UTF8.GetString(Together(part.Select(customer => Event(customer, "trial", 1, 5))));
            await Eventually.Is(
                "consents and rules are in force in Profile",
                () => SendAsync(Roles.Product, HttpMethod.Post, "/events?dryRun=true", trial, Batch),
                answer => answer["refused"]!.AsArray().Count + answer["dropped"]!.AsArray().Count == 0,
                Soon);
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Takes over a grant of the purpose for each of these people in one request, made while it is sent.</summary>
    public async Task<JsonNode> ImportAsync(IEnumerable<string> customers, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/consents:import") { Content = new Lines(customers.Select(ImportLine)) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token(Roles.Product));
        using var response = await http.SendAsync(request, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        return response.IsSuccessStatusCode ? JsonNode.Parse(text)! : throw new InvalidOperationException($"The import answered {(int)response.StatusCode}: {text}");
    }

    /// <summary>Returns when the grants of these people are in force in every service that serves.</summary>
    public Task UntilInForceAsync(IReadOnlyList<string> customers, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        customers, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = cancellationToken }, async (customer, _) => await Eventually.Is(
            "a grant is in force everywhere",
            () => SendAsync(Roles.Product, HttpMethod.Get, $"/consents/{customer}"), answer => answer["inForce"]!["state"]!.GetValue<string>() == "yes", Soon));

    /// <summary>Publishes events as fast as they are taken.</summary>
    public async Task PublishAsync(IEnumerable<byte[]> events, CancellationToken cancellationToken)
    {
        using var load = await HttpLoad.OpenAsync(address, 4, cancellationToken);
        await load.SendAllAsync(Requests(events, EventsARequest), cancellationToken);
    }

    /// <summary>Requests that publish these events, so many in each.</summary>
    public byte[][] Requests(IEnumerable<byte[]> events, int inEach, string path = "/events") =>
        [.. events.Chunk(inEach).Select(part => HttpConnection.Request("POST", path, Token(Roles.Product), Together(part), Batch))];

    /// <summary>An answer as JSON; anything but success throws.</summary>
    public async Task<JsonNode> SendAsync(string role, HttpMethod method, string path, string? body = null, string contentType = "application/json")
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, contentType) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token(role));
        using var response = await http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode ? JsonNode.Parse(text.Length == 0 ? "{}" : text)! : throw new InvalidOperationException($"{method} answered {(int)response.StatusCode}: {text}");
    }

    public void Dispose()
    {
        http.Dispose();
        issuer.Dispose();
    }

    private async Task DeclareAsync()
    {
        foreach (var (id, categories) in new[] { (Purpose, new[] { "viewing", "opinion" }), ("marketing-groups", ["viewing"]) })
            await PutAsync($"/purposes/{id}", new { lawfulBasis = "consent", categories, notices = new[] { new { language = "en", title = id, text = "We use what you watch." } } });
        await PutAsync("/event-types/film.rated", new
        {
            description = "A customer rated a film.",
            fields = new Dictionary<string, object>
            {
                ["filmId"] = new { type = "string", category = "viewing", purposes = new[] { Purpose, "marketing-groups" }, description = "The film." },
                ["rating"] = new { type = "number", category = "opinion", purposes = new[] { Purpose }, description = "0.5 to 5." },
            },
            signal = new { itemField = "filmId", valueField = "rating" },
        });
        await PutAsync("/retention-rules", new
        {
            rules = new[]
            {
                new { purpose = Purpose, category = "viewing", keepDays = 365 },
                new { purpose = Purpose, category = "opinion", keepDays = 365 },
                new { purpose = "marketing-groups", category = "viewing", keepDays = 30 },
            },
            reason = "The benchmark begins.",
        });
    }

    private static byte[] ImportLine(string customerId) => JsonSerializer.SerializeToUtf8Bytes(
        new { customerId, purpose = Purpose, decision = "granted", noticeVersion = 1, language = "en", channel = "import", decidedAt = LongAgo }, Json.Options);

    private Task<JsonNode> PutAsync(string path, object body) => SendAsync(Roles.Operator, HttpMethod.Put, path, JsonSerializer.Serialize(body, Json.Options));

    /// <summary>A body of lines that is never held as a whole.</summary>
    private sealed class Lines : HttpContent
    {
        private readonly IEnumerable<byte[]> lines;

        public Lines(IEnumerable<byte[]> lines)
        {
            this.lines = lines;
            Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context)
        {
            foreach (var line in lines)
            {
                await stream.WriteAsync(line);
                stream.WriteByte((byte)'\n');
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
