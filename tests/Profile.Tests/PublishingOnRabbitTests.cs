using System.Text;
using System.Text.Json.Nodes;
using Personalization.Contracts;
using Personalization.StandIns;
using Personalization.Testing;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Xunit;

namespace Personalization.Profile.Tests;

/// <summary>Profile on a real broker, with publishers that don't use .NET.</summary>
public sealed class RabbitProfileApp : ProfileApp
{
    public override Task InitializeAsync() => RabbitServer.Unavailable is null ? base.InitializeAsync() : Task.CompletedTask;

    public override Task DisposeAsync() => RabbitServer.Unavailable is null ? base.DisposeAsync() : Task.CompletedTask;

    /// <summary>Publishes bodies as they are, each confirmed by the broker.</summary>
    public static async Task SendAsync(string? contentType, params string[] bodies)
    {
        await using var connection = await new ConnectionFactory { Uri = await RabbitServer.UriAsync() }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        foreach (var body in bodies)
        {
            await channel.BasicPublishAsync(
                Topology.CustomerEvents, "", mandatory: true, new BasicProperties { ContentType = contentType, DeliveryMode = DeliveryModes.Persistent }, Encoding.UTF8.GetBytes(body));
        }
    }

    /// <summary>Takes what waits in a queue; nothing if there is no such queue.</summary>
    public static async Task<IReadOnlyList<BasicGetResult>> TakeAsync(string queue)
    {
        await using var connection = await new ConnectionFactory { Uri = await RabbitServer.UriAsync() }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        var taken = new List<BasicGetResult>();
        try
        {
            while (await channel.BasicGetAsync(queue, autoAck: true) is { } message) taken.Add(message);
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == 404)
        {
            // Made with its first message.
        }

        return taken;
    }

    /// <summary>Messages that the queue has not handed out yet.</summary>
    public static async Task<uint> CountAsync(string queue)
    {
        await using var connection = await new ConnectionFactory { Uri = await RabbitServer.UriAsync() }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        return (await channel.QueueDeclarePassiveAsync(queue)).MessageCount;
    }

    protected override async Task<IEnumerable<KeyValuePair<string, string?>>> SettingsAsync() => [KeyValuePair.Create("Broker:Uri", (string?)(await RabbitServer.UriAsync()).ToString())];
}

public sealed class PublishingOnRabbitTests(RabbitProfileApp app) : IClassFixture<RabbitProfileApp>
{
    [RequiresBrokerFact]
    public async Task Plain_cloud_events_on_the_exchange_are_stored_as_over_http()
    {
        string?[] contentTypes = ["application/cloudevents+json", "application/cloudevents+json; charset=UTF-8", "application/json", null];
        await app.GrantAsync("anna", "recommendations", "viewing");
        await app.PublishAsync(app.Event("anna", new { filmId = "f1", rating = 4, colour = "red" }));
        var expected = ProfileApp.WithoutId(Assert.Single(await app.ProfileAsync("anna")));

        for (var i = 0; i < contentTypes.Length; i++)
        {
            await app.GrantAsync($"anna-{i}", "recommendations", "viewing");
            await RabbitProfileApp.SendAsync(contentTypes[i], app.Event($"anna-{i}", new { filmId = "f1", rating = 4, colour = "red" }).ToJsonString());
            Assert.Equal(expected, ProfileApp.WithoutId((await app.UntilHeldAsync($"anna-{i}", 1))[0]));
        }
    }

    [RequiresBrokerFact]
    public async Task An_event_in_the_envelope_is_stored_too_and_once_by_whichever_way()
    {
        await app.GrantAsync("boris", "recommendations", "viewing");
        var json = app.Event("boris", new { filmId = "f1" });

        await app.PublishAsync("cinema", ProfileApp.Message(json));
        await app.UntilHeldAsync("boris", 1);
        await RabbitProfileApp.SendAsync("application/json", json.ToJsonString(), json.ToJsonString(), app.Event("boris", new { filmId = "last" }).ToJsonString());

        await app.UntilHeldAsync("boris", 2);
        Assert.Equal("f1", (await Eventually.Is("signals were told", () => Task.FromResult(app.SignalsOf("boris")), told => told.Count >= 2, ServiceApp.Soon))[0].ItemId);
    }

    [RequiresBrokerFact]
    public async Task What_can_not_be_read_waits_in_quarantine_and_holds_up_nobody()
    {
        await app.GrantAsync("vera", "recommendations", "viewing");
        var timeless = app.Event("vera", new { filmId = "f1" });
        timeless.Remove("time");
        var zoneless = app.Event("vera", new { filmId = "f1" });
        zoneless["time"] = "2026-03-01T12:00:00";
        var nameless = app.Event("vera", new { filmId = "f1" });
        nameless["id"] = "";

        await RabbitProfileApp.SendAsync(
            "application/json", "no JSON at all", timeless.ToJsonString(), zoneless.ToJsonString(), nameless.ToJsonString(), app.Event("vera", new { filmId = "f2" }).ToJsonString());
        await RabbitProfileApp.SendAsync(
            "application/vnd.masstransit+json", """{"messageType":["urn:message:Elsewhere:OrderPlaced"],"message":{"order":4711}}""", """{"messageType":5}""");
        await app.UntilHeldAsync("vera", 1);
        var waiting = await Eventually.Is("they wait in quarantine", () => app.QuarantineAsync(), items => items.Count == 6, ServiceApp.Soon);

        Assert.Equal(
            ["bad-id True", "unreadable False", "unreadable False", "unreadable False", "unreadable True", "unreadable True"],
            waiting.Select(item => $"{item["reason"]} {bool.Parse(item["isAboutSomebody"]!.ToString())}").Order());
        Assert.Empty(await RabbitProfileApp.TakeAsync("ingest-on-customer-event_error"));
        Assert.Empty(await RabbitProfileApp.TakeAsync("ingest-on-customer-event_skipped"));
        Assert.Equal(0u, await RabbitProfileApp.CountAsync("ingest-on-customer-event"));
        foreach (var text in new[] { "no JSON at all", "4711", "vera" }) Assert.Equal(-1, app.FilesOf("profile").AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)));
    }

    [RequiresBrokerFact]
    public async Task A_burst_is_stored_whole_in_few_writes()
    {
        await app.GrantAsync("gleb", "recommendations", "viewing");
        app.Calls.Forget();
        using var door = app.Calls.CloseDoor("profile_data");

        var bodies = Enumerable.Range(0, 500).Select(i => app.Event("gleb", new { filmId = $"f{i}" }).ToJsonString()).ToArray();
        await RabbitProfileApp.SendAsync("application/json", bodies);
        await Eventually.Is("the first unit reads", () => Task.FromResult(app.Calls.On("profile_data").Count), reads => reads == 1, ServiceApp.Soon);
        await Eventually.Is("the others wait behind it", () => RabbitProfileApp.CountAsync("ingest-on-customer-event"), ready => ready == 0, ServiceApp.Soon);
        door.Open();
        await Eventually.Is("all are stored", async () => (await app.RowsAsync("gleb")).Count, rows => rows == 501, ServiceApp.Soon);

        Assert.InRange(app.Calls.On("profile_data").Count(call => call.Method == "write"), 1, 50);
    }
}
