using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Personalization.Platform.Http;
using Personalization.Testing;
using Xunit;

namespace Personalization.System.Tests.Harness;

/// <summary>A product service and its customers, in words of the domain; everything goes through HTTP.</summary>
public sealed class Cinema(SystemUnderTest system)
{
    /// <summary>Films that several people liked, so that the model may know them.</summary>
    public static readonly string[] Films = ["f1", "f2", "f3", "f4", "f5", "f6"];

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);
    private readonly Dictionary<string, int> noticeVersions = [];
    private int events;

    private HttpClient Product => system.As(Roles.Product);

    private HttpClient Operator => system.As(Roles.Operator);

    /// <summary>Declares purposes, event type, rules and films, and waits until they are in force.</summary>
    public async Task OpenAsync()
    {
        await Eventually.Is("the system is ready", async () => (await Product.GetAsync(new Uri("/purposes", UriKind.Relative))).IsSuccessStatusCode, Soon);
        foreach (var (id, categories) in new[] { ("recommendations", new[] { "viewing", "opinion" }), ("marketing-groups", ["viewing"]) })
        {
            var declared = await SendAsync(Operator, HttpMethod.Put, $"/purposes/{id}", new
            {
                type = id == "marketing-groups" ? "marketing" : "personalization",
                lawfulBasis = "consent",
                categories,
                notices = new[] { new { language = "en", title = id, text = "We use what you watch." }, new { language = "ru", title = id, text = "Мы используем то, что вы смотрите." } },
            });
            noticeVersions[id] = declared["noticeVersion"]!.GetValue<int>();
        }

        await SendAsync(Operator, HttpMethod.Put, "/event-types/film.rated", new
        {
            description = "A customer rated a film.",
            fields = new Dictionary<string, object>
            {
                ["filmId"] = new { type = "string", category = "viewing", purposes = new[] { "recommendations", "marketing-groups" }, description = "The film." },
                ["rating"] = new { type = "number", category = "opinion", purposes = new[] { "recommendations" }, description = "0.5 to 5." },
            },
            signal = new { itemField = "filmId", valueField = "rating" },
        });
        // Somebody else, the demo for example, may have declared purposes before; their rules stay.
        var others = (await SendAsync(Operator, HttpMethod.Get, "/retention-rules", null))["rules"]!.AsArray()
            .Select(rule => new { purpose = (string)rule!["purpose"]!, category = (string)rule["category"]!, keepDays = (int)rule["keepDays"]! })
            .Where(rule => !noticeVersions.ContainsKey(rule.purpose));
        await SendAsync(Operator, HttpMethod.Put, "/retention-rules", new
        {
            rules = others.Concat(
            [
                new { purpose = "recommendations", category = "viewing", keepDays = 365 },
                new { purpose = "recommendations", category = "opinion", keepDays = 365 },
                new { purpose = "marketing-groups", category = "viewing", keepDays = 30 },
            ]),
            reason = "The cinema opens.",
        });
        foreach (var film in Films) await SendAsync(Operator, HttpMethod.Put, $"/items/{film}", new { title = $"Film {film}", year = 1999, topics = new[] { "Drama" } });

        // Rules travel by message; until they are in force nothing may be stored.
        await GrantAsync("opening-night", "recommendations");
        await Eventually.Is(
            "retention rules are in force", () => PublishAsync("opening-night", "f1", dryRun: true), answer => answer["refused"]!.AsArray().Count == 0, Soon);
    }

    /// <summary>Several people who like the same films, so that there is a model.</summary>
    public async Task FillAsync(int people = 8)
    {
        for (var person = 0; person < people; person++)
        {
            var customer = string.Create(CultureInfo.InvariantCulture, $"viewer-{person}");
            await GrantAsync(customer, "recommendations");
            foreach (var film in Films.Where((_, index) => (index + person) % 4 != 0)) await PublishAsync(customer, film, rating: 5);
        }
    }

    /// <summary>Grants a purpose on what the person sees now and returns when it is in force; the answer's status is checked to be 200 unless another is expected.</summary>
    public async Task<JsonObject> GrantAsync(string customer, string purpose, string[]? categories = null, HttpStatusCode expected = HttpStatusCode.OK, DateTimeOffset? decidedAt = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, $"/consents/{customer}/{purpose}");
        if (decidedAt is null)
        {
            using var current = await Product.GetAsync(new Uri($"/consents/{customer}", UriKind.Relative));
            current.EnsureSuccessStatusCode();
            request.Headers.IfMatch.Add(current.Headers.ETag!);
        }

        request.Content = Json(new { decision = "granted", noticeVersion = noticeVersions[purpose], language = "en", channel = "web", categories, decidedAt });
        using var response = await Product.SendAsync(request);
        if (expected != HttpStatusCode.OK || response.StatusCode != HttpStatusCode.Accepted) return await ReadAsync(response, expected);

        // Recorded, but a busy service is still to apply it.
        await Eventually.Is("the grant is in force everywhere", () => ConsentsAsync(customer), consents => consents["inForce"]!["state"]!.GetValue<string>() == "yes", Soon);
        return await ReadAsync(response, HttpStatusCode.Accepted);
    }

    /// <summary>Grants a purpose under its newest notice, whoever declared it.</summary>
    public async Task GrantCurrentAsync(string customer, string purpose)
    {
        var declared = (await SendAsync(Operator, HttpMethod.Get, "/purposes", null))["items"]!.AsArray().Single(item => (string)item!["id"]! == purpose)!;
        noticeVersions[purpose] = (int)declared["noticeVersion"]!;
        await GrantAsync(customer, purpose);
    }

    /// <summary>The newest notice of a purpose that was declared here.</summary>
    public int NoticeVersionOf(string purpose) => noticeVersions[purpose];

    /// <summary>Refuses a purpose.</summary>
    public Task<JsonObject> DenyAsync(string customer, string purpose) =>
        SendAsync(Product, HttpMethod.Put, $"/consents/{customer}/{purpose}", new { decision = "denied", noticeVersion = noticeVersions[purpose], language = "en", channel = "web" });

    /// <summary>Revokes a purpose, or all.</summary>
    public async Task<(HttpStatusCode Status, JsonObject Answer)> RevokeAsync(string customer, string? purpose = null)
    {
        using var response = await Product.DeleteAsync(new Uri(purpose is null ? $"/consents/{customer}" : $"/consents/{customer}/{purpose}", UriKind.Relative));
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsObject());
    }

    /// <summary>Reads a person's choices.</summary>
    public Task<JsonObject> ConsentsAsync(string customer) => SendAsync(Product, HttpMethod.Get, $"/consents/{customer}", null);

    /// <summary>Publishes a rating; the answer of <c>POST /events</c>.</summary>
    public async Task<JsonObject> PublishAsync(
        string customer, string film, double rating = 4, DateTimeOffset? time = null, string? id = null, bool dryRun = false, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var content = Json(Event(customer, film, rating, time, id));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/cloudevents+json");
        using var response = await Product.PostAsync(new Uri(dryRun ? "/events?dryRun=true" : "/events", UriKind.Relative), content);
        return await ReadAsync(response, expected);
    }

    /// <summary>Publishes up to 1,000 events at once, again as long as consents aren't known for certain: on a busy machine a lease may end.</summary>
    public async Task<JsonObject> PublishManyAsync(IReadOnlyCollection<object> events)
    {
        using var taken = await Eventually.Is("the events are taken", SendAsync, response => response.StatusCode != HttpStatusCode.ServiceUnavailable, Soon);
        return await ReadAsync(taken, HttpStatusCode.OK);

        async Task<HttpResponseMessage> SendAsync()
        {
            using var content = Json(events);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/cloudevents-batch+json");
            return await Product.PostAsync(new Uri("/events", UriKind.Relative), content);
        }
    }

    /// <summary>What became of the ratings so far, by outcome: accepted, duplicates, and why refused; both doors.</summary>
    public async Task<Dictionary<string, long>> OutcomesAsync()
    {
        var outcomes = new Dictionary<string, long> { ["accepted"] = 0, ["duplicates"] = 0 };
        foreach (var day in (await SendAsync(Operator, HttpMethod.Get, "/event-types/film.rated/stats", null))["items"]!.AsArray())
        {
            outcomes["accepted"] += (long)day!["accepted"]!;
            outcomes["duplicates"] += (long)day["duplicates"]!;
            foreach (var refused in day["refused"]!.AsArray()) outcomes[(string)refused!["reason"]!] = outcomes.GetValueOrDefault((string)refused["reason"]!) + (long)refused["count"]!;
        }

        return outcomes;
    }

    /// <summary>A rating as a CloudEvent.</summary>
    public object Event(string customer, string film, double rating = 4, DateTimeOffset? time = null, string? id = null) => new
    {
        specversion = "1.0",
        id = id ?? string.Create(CultureInfo.InvariantCulture, $"e{Interlocked.Increment(ref events)}"),
        source = "/cinema",
        type = "film.rated",
        subject = customer,
        time = time ?? TimeProvider.System.GetUtcNow(),
        data = new { filmId = film, rating },
    };

    /// <summary>Recommendations for a person.</summary>
    public Task<JsonObject> RecommendAsync(string customer) => SendAsync(Product, HttpMethod.Get, $"/recommendations/{customer}?limit=5", null);

    /// <summary>The recommendations' body, byte for byte.</summary>
    public Task<string> RecommendTextAsync(string customer) => Product.GetStringAsync(new Uri($"/recommendations/{customer}?limit=5", UriKind.Relative));

    /// <summary>What is held of a person, as they see it.</summary>
    public async Task<JsonArray> ProfileAsync(string customer) =>
        (await SendAsync(system.As(Roles.Subject, customer), HttpMethod.Get, $"/profiles/{customer}", null))["items"]!.AsArray();

    /// <summary>A case; empty while there is none yet.</summary>
    public async Task<JsonObject> CaseAsync(string caseId)
    {
        using var response = await system.As(Roles.Officer).GetAsync(new Uri($"/erasures/{caseId}", UriKind.Relative));
        return response.StatusCode == HttpStatusCode.NotFound ? [] : await ReadAsync(response, HttpStatusCode.OK);
    }

    /// <summary>Somebody who watches the films and gets personal recommendations.</summary>
    public async Task SettleAsync(string customer, params string[] furtherPurposes)
    {
        await GrantAsync(customer, "recommendations");
        foreach (var purpose in furtherPurposes) await GrantAsync(customer, purpose);
        foreach (var film in Films.Take(2)) await PublishAsync(customer, film, rating: 5);
        await UntilPersonalizedAsync(customer);
    }

    /// <summary>Waits until recommendations for the person are personalized.</summary>
    public Task<JsonObject> UntilPersonalizedAsync(string customer) => Eventually.Is(
        $"recommendations for {customer} are personalized", () => RecommendAsync(customer), answer => answer["personalized"]!.GetValue<bool>(), Soon);

    /// <summary>Waits until the case is completed.</summary>
    public Task<JsonObject> UntilCompletedAsync(string caseId) => Eventually.Is(
        "the erasure case is completed", () => CaseAsync(caseId), answer => answer["state"]?.GetValue<string>() == "completed", Soon);

    /// <summary>The page at the public address.</summary>
    public Task<string> StatusPageAsync() => Product.GetStringAsync(new Uri("/", UriKind.Relative));

    /// <summary>The page of a person's choices, to which a link signs them in.</summary>
    public Task<string> ChoicesPageAsync(string customer)
    {
        var person = system.As(Roles.Subject, customer);
        return person.GetStringAsync(new Uri($"/sign-in?token={person.DefaultRequestHeaders.Authorization!.Parameter}", UriKind.Relative));
    }

    /// <summary>A body.</summary>
    public static StringContent Json(object body) => new(global::System.Text.Json.JsonSerializer.Serialize(body, Platform.Json.Options), Encoding.UTF8, "application/json");

    private static async Task<JsonObject> SendAsync(HttpClient client, HttpMethod method, string path, object? body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : Json(body) };
        using var response = await client.SendAsync(request);
        return await ReadAsync(response, HttpStatusCode.OK);
    }

    private static async Task<JsonObject> ReadAsync(HttpResponseMessage response, HttpStatusCode expected)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == expected, $"{response.RequestMessage!.Method} {response.RequestMessage.RequestUri!.AbsolutePath} answered {(int)response.StatusCode}: {text}");
        return text.Length == 0 ? [] : JsonNode.Parse(text)!.AsObject();
    }
}
