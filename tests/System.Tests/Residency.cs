using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Personalization.Contracts;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.System.Tests.Harness;
using Personalization.Testing;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using Xunit;

namespace Personalization.System.Tests;

/// <summary>Two deployments, each with stores, keys and a broker of its own: a person's data is where the law names, and nowhere else.</summary>
[RequiresBroker]
[RequiresMongo]
public sealed class Residency
{
    private const string Russian = "residency-ru-4711";
    private const string European = "residency-eu-4712";

    [ContractFact]
    public async Task No_byte_of_a_subject_of_one_region_is_in_the_stores_or_on_the_broker_of_the_other()
    {
        await using var russia = new OneProcessSystem();
        await using var europe = new DistributedSystem { Region = "eu" };
        var (here, there) = (new Cinema(russia), new Cinema(europe));
        await russia.StartAsync();
        await europe.StartAsync();
        await using var tap = await Tap.OnAsync(europe.Broker);
        await here.OpenAsync();
        await there.OpenAsync();

        foreach (var (cinema, customer) in new[] { (here, Russian), (there, European) })
        {
            await cinema.GrantAsync(customer, "recommendations");
            await cinema.PublishAsync(customer, "f1", 5);
        }

        var misdirected = await KnockAsync(russia, europe);
        var ofEurope = RefOf(europe, European);
        await Eventually.Is("messages about the European were seen", () => Task.FromResult(tap.Seen(ofEurope)), TimeSpan.FromSeconds(20));
        var (russian, european) = (await russia.DumpAsync(), await europe.DumpAsync());

        Assert.All(misdirected, answer => Assert.Equal((HttpStatusCode.MisdirectedRequest, "urn:personalization:problem:wrong-region"), answer));

        // That the search finds what is there is half of the proof.
        Assert.True(Holds(russian, RefOf(russia, Russian)));
        Assert.True(Holds(european, ofEurope));
        Assert.False(Holds(russian, ofEurope));
        foreach (var trace in new[] { Russian, RefOf(russia, Russian), RefOf(europe, Russian) })
        {
            Assert.False(Holds(european, trace));
            Assert.False(tap.Seen(trace));
        }
    }

    /// <summary>Calls one deployment with what its callers would send for a person of the other.</summary>
    private static async Task<IReadOnlyList<(HttpStatusCode, string)>> KnockAsync(HostedSystem home, HostedSystem elsewhere)
    {
        using var client = new HttpClient { BaseAddress = elsewhere.Address };
        (HttpMethod Method, string Path, string Role, HttpContent? Body)[] calls =
        [
            (HttpMethod.Get, $"/consents/{Russian}", Roles.Product, null),
            (HttpMethod.Put, $"/consents/{Russian}/recommendations", Roles.Product, Cinema.Json(new { decision = "granted", noticeVersion = 1, language = "en", channel = "web", decidedAt = TimeProvider.System.GetUtcNow() })),
            (HttpMethod.Post, "/consents:import", Roles.Product, new StringContent($"{{\"customerId\":\"{Russian}\"}}", Encoding.UTF8, "application/x-ndjson")),
            (HttpMethod.Post, "/events", Roles.Product, await EventAsync()),
            (HttpMethod.Get, $"/recommendations/{Russian}", Roles.Product, null),
            (HttpMethod.Get, $"/profiles/{Russian}", Roles.Officer, null),
            (HttpMethod.Post, "/erasures", Roles.Officer, Cinema.Json(new { customerId = Russian, scope = "all", reason = "request" })),
        ];
        var answers = new List<(HttpStatusCode, string)>();
        foreach (var (method, path, role, body) in calls)
        {
            using var request = new HttpRequestMessage(method, path) { Content = body };
            request.Headers.Authorization = new("Bearer", elsewhere.TokenFor(home.Region, role));
            using var response = await client.SendAsync(request);
            var problem = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
            answers.Add((response.StatusCode, (string)problem["type"]!));
        }

        return answers;

        async Task<HttpContent> EventAsync() => new StringContent(
            await Cinema.Json(new Cinema(home).Event(Russian, "f1")).ReadAsStringAsync(), Encoding.UTF8, "application/cloudevents+json");
    }

    private static string RefOf(HostedSystem system, string customer) =>
        new SubjectRefs(Path.Combine(system.KeysDirectory, "shared", "subject-ref-1.key"), system.Region).Of(customer);

    private static bool Holds(byte[] dump, string text) => dump.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;

    /// <summary>A queue that is given a copy of everything that is published.</summary>
    private sealed class Tap : IAsyncDisposable
    {
        private readonly IConnection connection;
        private readonly ConcurrentQueue<byte[]> bodies = new();

        private Tap(IConnection connection) => this.connection = connection;

        public static async Task<Tap> OnAsync(Uri broker)
        {
            var tap = new Tap(await new ConnectionFactory { Uri = broker }.CreateConnectionAsync());
            var channel = await tap.connection.CreateChannelAsync();
            var queue = (await channel.QueueDeclareAsync()).QueueName;
            foreach (var exchange in Topology.Subscriptions.SelectMany(subscription => new[] { subscription.Queue, subscription.Exchange }).OfType<string>().Distinct())
                await channel.QueueBindAsync(queue, exchange, "");
            var consumer = new AsyncEventingBasicConsumer(channel);
            consumer.ReceivedAsync += (_, delivery) =>
            {
                tap.bodies.Enqueue(delivery.Body.ToArray());
                return Task.CompletedTask;
            };
            await channel.BasicConsumeAsync(queue, autoAck: true, consumer);
            return tap;
        }

        public bool Seen(string text) => bodies.Any(body => Holds(body, text));

        public ValueTask DisposeAsync() => connection.DisposeAsync();
    }
}
