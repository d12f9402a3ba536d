using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CinemaService;
using Personalization.Client;
using Personalization.Platform.Http;
using Personalization.System.Tests.Harness;
using Personalization.Testing;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using Xunit;

namespace Personalization.System.Tests.Publishing;

/// <summary>What README.md tells product services to do, done to the letter; and what contracts/asyncapi.json says of the wire, compared with it.</summary>
[RequiresBroker]
[RequiresMongo]
public sealed class PublishingTests(SystemFixture<DistributedSystem> fixture) : IClassFixture<SystemFixture<DistributedSystem>>, IAsyncLifetime
{
    private const string PikaProbe = "-c \"import pika\"";
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);
    private static readonly string[] Pythons = ["python3", "/usr/bin/python3"];
    private static readonly string Root = RootOf(AppContext.BaseDirectory);

    private Cinema Cinema => fixture.Cinema;

    public Task InitializeAsync() => fixture.OpenAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [ContractFact]
    public async Task The_CSharp_of_the_README_publishes()
    {
        await Cinema.GrantAsync("reader-of-csharp", "recommendations");
        await using var publisher = new EventPublisher(fixture.System.As(Roles.Product));
        var ratings = new FilmRatings(publisher);
        for (var again = 0; again < 2; again++)
            Assert.True(await ratings.PublishAsync("rating-1", "reader-of-csharp", "f1", 4.5, TimeProvider.System.GetUtcNow(), default));

        await UntilStoredAsync("reader-of-csharp", "f1");
    }

    [RequiresCommandFact("No Python with pika (Debian: apt-get install python3-pika).", PikaProbe, "python3", "/usr/bin/python3")]
    public async Task The_Python_of_the_README_publishes()
    {
        await GrantBeforeNowAsync("u-000001");

        await RunAsync(RequiresCommandFactAttribute.Find(PikaProbe, Pythons)!, ["-c", Block("python")], ("AMQP_URL", fixture.System.Broker.ToString()));

        await UntilStoredAsync("u-000001", "1029");
    }

    [RequiresCommandFact("No curl.", "--version", "curl")]
    public async Task The_curl_of_the_README_publishes()
    {
        await GrantBeforeNowAsync("u-000001");
        var token = fixture.System.As(Roles.Product).DefaultRequestHeaders.Authorization!.Parameter!;
        var command = Block("bash").Replace("curl http://localhost:8080/", $"curl --silent --fail-with-body {fixture.System.Address}", StringComparison.Ordinal)
            .Replace("$(./dev token product)", token, StringComparison.Ordinal);

        var answer = JsonNode.Parse(await RunAsync("bash", ["-c", command]))!;

        Assert.Equal(1, (int)answer["accepted"]!);
        Assert.Empty(answer["dropped"]!.AsArray());
    }

    [ContractFact]
    public async Task What_is_on_the_wire_is_what_the_AsyncAPI_document_says()
    {
        var document = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Root, "contracts", "asyncapi.json")))!;
        var exchanges = document["channels"]!.AsObject().Where(channel => channel.Value!["bindings"]!["amqp"]!["exchange"] is not null).ToDictionary(
            channel => (string)channel.Value!["address"]!, channel => channel.Value!["messages"]!.AsObject().Select(message => message.Key).ToArray());
        var seen = new ConcurrentDictionary<string, string[]>();

        await using var connection = await new ConnectionFactory { Uri = fixture.System.Broker }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        var queue = await channel.QueueDeclareAsync();
        foreach (var exchange in exchanges.Keys) await channel.QueueBindAsync(queue.QueueName, exchange, "");
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            var messages = exchanges[delivery.Exchange].Select(name => (Name: name, Message: document["components"]!["messages"]![name]!));
            var (name, message) = messages.FirstOrDefault(candidate => (string)candidate.Message["contentType"]! == delivery.BasicProperties.ContentType);
            seen[name ?? $"{delivery.Exchange} with {delivery.BasicProperties.ContentType}"] =
                message is null ? ["not described"] : [.. JsonShape.Differences(document, message["payload"]!, JsonNode.Parse(delivery.Body.Span))];
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(queue.QueueName, autoAck: true, consumer);

        await Cinema.GrantAsync("eavesdropped", "recommendations");
        await Cinema.PublishAsync("eavesdropped", "f1");
        await channel.BasicPublishAsync(
            "customer-events", "", mandatory: true, new BasicProperties { ContentType = "application/json" },
            global::System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(Cinema.Event("eavesdropped", "f2"), Platform.Json.Options));
        await UntilStoredAsync("eavesdropped", "f2");
        await Cinema.RevokeAsync("eavesdropped");

        string[] expected =
            ["ConsentApplied", "ConsentGranted", "ConsentRevoked", "EraseSubject", "ErasureCompleted", "PlainCustomerEvent", "SignalRecorded", "SubjectDataErased"];
        await Eventually.Is(
            $"{string.Join(", ", expected)} were seen", () => Task.FromResult(string.Join(", ", seen.Keys.Order(StringComparer.Ordinal))),
            _ => expected.All(seen.ContainsKey), Soon);
        Assert.Empty(seen.SelectMany(message => message.Value.Select(difference => $"{message.Key} {difference}")));
    }

    private static string Block(string language) =>
        Regex.Match(File.ReadAllText(Path.Combine(Root, "README.md")), $"```{language}\n(?<code>.*?)```", RegexOptions.Singleline) is { Success: true } block
        ? block.Groups["code"].Value
        : throw new InvalidOperationException($"README.md shows no {language}.");

    private static string RootOf(string folder) => File.Exists(Path.Combine(folder, "Personalization.sln")) ? folder : RootOf(Path.GetDirectoryName(folder)!);

    private static async Task<string> RunAsync(string program, string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}: {await errors}{output}");
        return output;
    }

    // An event counts from the grant on, and what is shown to readers tells the time in whole seconds.
    private Task<JsonObject> GrantBeforeNowAsync(string customer) => Cinema.GrantAsync(customer, "recommendations", decidedAt: TimeProvider.System.GetUtcNow().AddMinutes(-1));

    private Task<string> UntilStoredAsync(string customer, string film) => Eventually.Is(
        $"film {film} is in the profile once", async () => (await Cinema.ProfileAsync(customer)).ToJsonString(), profile => Regex.Count(profile, $"\"{film}\"") == 1, Soon);
}
