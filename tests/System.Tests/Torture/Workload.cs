using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Personalization.Platform.Http;
using Personalization.System.Tests.Harness;
using Personalization.Testing;
using Xunit;

namespace Personalization.System.Tests.Torture;

/// <summary>Customers who choose, are seen and change their minds at random, and product services that ask for what these permit.</summary>
internal sealed class Workload(SystemUnderTest system, Cinema cinema, History history, int seed)
{
    public const string Recommendations = "recommendations";
    public const string Groups = "marketing-groups";
    private const string Segment = "viewers";
    private const int Readers = 2;

    // Longer than anything is paused: what was answered is known as long as it can be.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(12);

    // Not those that only the others like: something is left to recommend.
    private static readonly string[] Seen = Cinema.Films[..3];

    /// <summary>All customers but those that the model is made of.</summary>
    public static IReadOnlyList<string> Customers { get; } = [.. Enumerable.Range(0, 16).Select(number => string.Create(CultureInfo.InvariantCulture, $"person-{number}"))];

    private HttpClient Product => system.As(Roles.Product);

    /// <summary>Declares the group whose audience is read.</summary>
    public async Task PrepareAsync()
    {
        using var body = Cinema.Json(new
        {
            title = "Have seen a film",
            purpose = Groups,
            channels = new[] { "email" },
            rule = new { measure = new { @event = "film.rated", of = "count" }, @is = ">=", value = 1 },
        });
        using var declared = await system.As(Roles.Operator).PutAsync(new Uri($"/segments/{Segment}", UriKind.Relative), body);
        Assert.True(declared.IsSuccessStatusCode, $"The segment was not declared: {await declared.Content.ReadAsStringAsync()}");
    }

    /// <summary>Goes on until it is told to stop, and returns when nothing is under way.</summary>
    public Task RunAsync(CancellationToken stopping) => Task.WhenAll(
    [
        .. Customers.Select((customer, number) => RepeatAsync(random => ActAsync(customer, random), number, 250, stopping)),
        .. Enumerable.Range(0, Readers).Select(reader => RepeatAsync(random => RecommendAsync(Customers[random.Next(Customers.Count)]), 1_000 + reader, 30, stopping)),
        RepeatAsync(_ => ReadAudienceAsync(), 2_000, 500, stopping),
    ]);

    /// <summary>What is held of a customer, as they see it: of each event its time, and the purposes that any of it is held for.</summary>
    public async Task<IReadOnlyList<(DateTimeOffset Time, string[] Purposes)>> HeldOfAsync(string customer)
    {
        var held = new List<(DateTimeOffset, string[])>();
        string? after = null;
        do
        {
            var page = JsonNode.Parse(await system.As(Roles.Subject, customer).GetStringAsync(new Uri($"/profiles/{customer}?after={Uri.EscapeDataString(after ?? "")}", UriKind.Relative)))!;
            held.AddRange(page["items"]!.AsArray().Select(item => (
                item!["time"]!.GetValue<DateTimeOffset>(), item["fields"]!.AsArray().SelectMany(field => field!["purposes"]!.AsArray()).Select(purpose => (string)purpose!).Distinct().ToArray())));
            after = (string?)page["next"];
        }
        while (after is not null);
        return held;
    }

    private async Task RepeatAsync(Func<Random, Task> act, int number, int pause, CancellationToken stopping)
    {
        var random = new Random(HashCode.Combine(seed, number));
        while (!stopping.IsCancellationRequested)
        {
            await act(random);
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(pause / 4, pause * 2)), TimeProvider.System, CancellationToken.None);
        }
    }

    private async Task ActAsync(string customer, Random random)
    {
        var purpose = random.Next(2) == 0 ? Recommendations : Groups;
        switch (random.Next(100))
        {
            case < 50:
                await PublishAsync(customer, Seen[random.Next(Seen.Length)]);
                break;
            case < 72:
                await GrantAsync(customer, purpose);
                break;
            case < 96:
                // At once, before any other service has time.
                if (await RevokeAsync(customer, random.Next(4) == 0 ? null : purpose) == HttpStatusCode.OK) await RecommendAsync(customer);
                break;
            default:
                await EraseAsync(customer);
                break;
        }
    }

    private Task<Operation> GrantAsync(string customer, string purpose) => RecordAsync(
        new Operation(Act.Grant, customer, default, default, 0) { Purpose = purpose },
        async (operation, patience) =>
        {
            // On what the person sees now.
            using var current = await Product.GetAsync(new Uri($"/consents/{customer}", UriKind.Relative), patience);
            if (current.Headers.ETag is not { } seen) return operation with { Status = (int)HttpStatusCode.PreconditionFailed };
            using var body = Cinema.Json(new { decision = "granted", noticeVersion = cinema.NoticeVersionOf(purpose), language = "en", channel = "web" });
            using var request = new HttpRequestMessage(HttpMethod.Put, $"/consents/{customer}/{purpose}") { Content = body };
            request.Headers.IfMatch.Add(seen);
            using var response = await Product.SendAsync(request, patience);
            return operation with { Status = (int)response.StatusCode };
        });

    private async Task<HttpStatusCode> RevokeAsync(string customer, string? purpose) => (HttpStatusCode)(await RecordAsync(
        new Operation(Act.Revoke, customer, default, default, 0) { Purpose = purpose },
        async (operation, patience) =>
        {
            using var response = await Product.DeleteAsync(new Uri(purpose is null ? $"/consents/{customer}" : $"/consents/{customer}/{purpose}", UriKind.Relative), patience);
            return operation with { Status = (int)response.StatusCode };
        })).Status;

    private Task<Operation> EraseAsync(string customer) => RecordAsync(
        new Operation(Act.Erase, customer, default, default, 0),
        async (operation, patience) =>
        {
            using var body = Cinema.Json(new { customerId = customer });
            using var response = await Product.PostAsync(new Uri("/erasures", UriKind.Relative), body, patience);
            return operation with { Status = (int)response.StatusCode };
        });

    private Task<Operation> PublishAsync(string customer, string film) => RecordAsync(
        new Operation(Act.Publish, customer, default, default, 0),
        async (operation, patience) =>
        {
            var time = history.Now;
            using var body = Cinema.Json(cinema.Event(customer, film, rating: 5, time));
            body.Headers.ContentType = new MediaTypeHeaderValue("application/cloudevents+json");
            using var response = await Product.PostAsync(new Uri("/events", UriKind.Relative), body, patience);
            var isStored = response.IsSuccessStatusCode && JsonNode.Parse(await response.Content.ReadAsStringAsync(patience))!["accepted"]!.GetValue<int>() == 1;
            return operation with { Status = (int)response.StatusCode, Stored = isStored ? time : null };
        });

    private Task<Operation> RecommendAsync(string customer) => RecordAsync(
        new Operation(Act.Recommend, customer, default, default, 0),
        async (operation, patience) =>
        {
            using var response = await Product.GetAsync(new Uri($"/recommendations/{customer}?limit=5", UriKind.Relative), patience);
            var isPersonal = response.IsSuccessStatusCode && JsonNode.Parse(await response.Content.ReadAsStringAsync(patience))!["personalized"]!.GetValue<bool>();
            return operation with { Status = (int)response.StatusCode, Personalized = isPersonal };
        });

    private Task<Operation> ReadAudienceAsync() => RecordAsync(
        new Operation(Act.ReadAudience, "", default, default, 0) { Purpose = Groups },
        async (operation, patience) =>
        {
            using var response = await Product.GetAsync(new Uri($"/audiences/{Segment}?purpose={Groups}&channel=email", UriKind.Relative), patience);
            if (!response.IsSuccessStatusCode) return operation with { Status = (int)response.StatusCode };
            var lines = (await response.Content.ReadAsStringAsync(patience)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            string[] members = [.. lines.Select(line => (string?)JsonNode.Parse(line)!["customerId"]).OfType<string>()];
            return operation with { Status = (int)response.StatusCode, Members = members };
        });

    /// <summary>Records it with its times, also when there was no answer.</summary>
    private async Task<Operation> RecordAsync(Operation operation, Func<Operation, CancellationToken, Task<Operation>> run)
    {
        using var patience = new CancellationTokenSource(Patience);
        var started = operation with { Invoked = history.Now };
        Operation ended;
        try
        {
            ended = await run(started, patience.Token);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            ended = started;
        }

        ended = ended with { Returned = history.Now };
        history.Add(ended);
        return ended;
    }
}
