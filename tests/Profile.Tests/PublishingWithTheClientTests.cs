using System.Collections.Concurrent;
using System.Net;
using Personalization.Client;
using Personalization.Contracts.Profile;
using Personalization.Platform.Http;
using Personalization.StandIns;
using Personalization.Testing;
using Xunit;

namespace Personalization.Profile.Tests;

/// <summary>What product services on .NET publish with, against the service itself.</summary>
public sealed class PublishingWithTheClientTests(ProfileApp app) : IClassFixture<ProfileApp>
{
    private static readonly EventPublisherOptions Impatient = new() { FirstDelay = TimeSpan.FromMilliseconds(20), LongestDelay = TimeSpan.FromMilliseconds(100) };

    [Fact]
    public async Task Many_events_share_requests_and_each_has_its_own_result()
    {
        await app.GrantAsync("anna", "recommendations", "viewing");
        using var wire = new Wire(app);
        await using var publisher = new EventPublisher(wire.Client, new EventPublisherOptions { BatchSize = 100 });
        var ratings = publisher.For<Rated>("film.rated", "/cinema");

        var results = await Task.WhenAll(Enumerable.Range(0, 400).Select(i => ratings.PublishAsync($"r{i}", i % 4 == 0 ? "nobody" : "anna", app.Now, new Rated($"f{i}", 4))));

        Assert.Equal(300, results.Count(result => result.IsAccepted));
        Assert.All(results.Where((_, i) => i % 4 == 0), result => Assert.Equal((false, "no-consent"), (result.IsAccepted, result.Reason)));
        Assert.All(results.Where((_, i) => i % 4 != 0), result => Assert.Equal(new DroppedField("rating", "no-consent"), Assert.Single(result.Dropped)));
        Assert.InRange(wire.Requests.Count, 4, 20);
    }

    [Fact]
    public async Task A_request_whose_answer_is_lost_is_sent_again_and_stored_once()
    {
        await app.GrantAsync("boris", "recommendations", "viewing");
        using var wire = new Wire(app) { LoseAnswers = 2 };
        await using var publisher = new EventPublisher(wire.Client, Impatient);

        var result = await publisher.For<Rated>("film.rated", "/cinema").PublishAsync("r1", "boris", app.Now, new Rated("f1", 4));

        Assert.True(result.IsAccepted);
        Assert.Equal(3, wire.Requests.Count);
        Assert.Single(wire.Requests.Distinct());
        Assert.Single(await app.ProfileAsync("boris"));
    }

    [Fact]
    public async Task An_outage_that_passes_is_waited_out()
    {
        await app.GrantAsync("vera", "recommendations", "viewing");
        using var wire = new Wire(app);
        await using var publisher = new EventPublisher(wire.Client, Impatient);
        await app.CutOffAsync();

        var publishing = publisher.For<Rated>("film.rated", "/cinema").PublishAsync("r1", "vera", app.Now, new Rated("f1", 4));
        await Eventually.Is("it was tried again", () => Task.FromResult(wire.Requests.Count), count => count > 2, ServiceApp.Soon);
        Assert.False(publishing.IsCompleted);
        await app.MendAsync();

        Assert.True((await publishing.WaitAsync(ServiceApp.Soon)).IsAccepted);
        Assert.Single(await app.ProfileAsync("vera"));
    }

    [Fact]
    public async Task What_does_not_pass_is_said_to_each_event_of_the_request()
    {
        using var wrongRole = new Wire(app, Roles.Operator);
        using var down = new Wire(app) { LoseAnswers = int.MaxValue };
        await using var refused = new EventPublisher(wrongRole.Client, Impatient);
        await using var unanswered = new EventPublisher(down.Client, Impatient with { GiveUpAfter = TimeSpan.FromSeconds(3) });

        var first = await Assert.ThrowsAsync<EventPublishException>(() => refused.PublishAsync(Event("r1")));
        var second = await Assert.ThrowsAsync<EventPublishException>(() => unanswered.PublishAsync(Event("r2")));

        Assert.Equal((HttpStatusCode.Forbidden, "urn:personalization:problem:forbidden"), (first.Status, first.Problem));
        Assert.Single(wrongRole.Requests);
        Assert.Null(second.Status);
        Assert.True(down.Requests.Count > 1);
    }

    [Fact]
    public async Task A_full_buffer_makes_the_publisher_wait_and_disposing_sends_what_waits()
    {
        await app.GrantAsync("galya", "recommendations", "viewing");
        var door = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var wire = new Wire(app) { Door = door.Task };
        var publisher = new EventPublisher(wire.Client, new EventPublisherOptions { BatchSize = 1, BufferSize = 2 });
        var underWay = await publisher.EnqueueAsync(Event("r0", "galya"));
        await Eventually.Is("it is under way", () => Task.FromResult(wire.Requests.Count), count => count == 1, ServiceApp.Soon);
        Task<EventResult>[] buffered = [await publisher.EnqueueAsync(Event("r1", "galya")), await publisher.EnqueueAsync(Event("r2", "galya"))];

        var waits = publisher.EnqueueAsync(Event("r3", "galya")).AsTask();
        Assert.False(waits.IsCompleted);
        door.SetResult();
        var last = await waits.WaitAsync(ServiceApp.Soon);
        await publisher.DisposeAsync();

        Assert.True(last.IsCompleted);
        Assert.All(await Task.WhenAll([underWay, .. buffered, last]), result => Assert.True(result.IsAccepted));
        Assert.Equal(4, (await app.ProfileAsync("galya")).Count);
        await Assert.ThrowsAsync<System.Threading.Channels.ChannelClosedException>(() => publisher.PublishAsync(Event("r4")));
    }

    private CustomerEvent Event(string id, string customer = "nobody") => ProfileApp.Message(app.Event(customer, new { filmId = "f1" }, id: id));

    private sealed record Rated(string FilmId, double Rating);

    /// <summary>A connection that keeps what was sent, waits, and loses answers after the service gave them.</summary>
    private sealed class Wire : DelegatingHandler
    {
        private int lost;

        public Wire(ProfileApp app, string role = Roles.Product)
            : base(new SocketsHttpHandler())
        {
            using var authorized = app.As(role);
            Client = new HttpClient(this) { BaseAddress = app.Address, DefaultRequestHeaders = { Authorization = authorized.DefaultRequestHeaders.Authorization } };
        }

        public HttpClient Client { get; }

        public ConcurrentQueue<string> Requests { get; } = new();

        public int LoseAnswers { get; init; }

        public Task Door { get; init; } = Task.CompletedTask;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Requests.Enqueue(await request.Content!.ReadAsStringAsync(cancellationToken));
            await Door.WaitAsync(cancellationToken);
            var response = await base.SendAsync(request, cancellationToken);
            if (lost++ >= LoseAnswers) return response;
            response.Dispose();
            throw new HttpRequestException("The answer was lost.");
        }
    }
}
