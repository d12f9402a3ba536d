using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Personalization.Platform.Messaging;
using Personalization.Platform.Storage;
using Xunit;

namespace Personalization.Platform.Tests.Messaging;

public sealed class InProcessTransportTests : IAsyncLifetime
{
    private readonly string directory = Directory.CreateTempSubdirectory("personalization-").FullName;
    private WebApplication app = null!;

    public Task InitializeAsync()
    {
        app = ServiceHost.Create([], [new Shop()], builder => builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["urls"] = "http://127.0.0.1:0",
            ["Data:Directory"] = directory,
            ["Logging:LogLevel:Default"] = "None",
            ["Logging:LogLevel:MassTransit"] = "None",
        }));
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task A_message_whose_consumer_succeeds_at_its_second_attempt_counts_as_handled_and_is_not_sent_again()
    {
        await app.StartAsync();
        var attempts = app.Services.GetRequiredService<Attempts>();

        await app.Services.GetRequiredService<IMessageTransport>().PublishAsync(Guid.CreateVersion7(), new Sold(FailuresBefore: 1), CancellationToken.None);

        Assert.Equal(2, attempts.Count);
    }

    [Fact]
    public async Task A_message_sent_before_the_bus_has_started_is_handled_once_it_has()
    {
        var sending = app.Services.GetRequiredService<IMessageTransport>().PublishAsync(Guid.CreateVersion7(), new Sold(FailuresBefore: 0), CancellationToken.None);
        await app.StartAsync();

        await sending.WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal(1, app.Services.GetRequiredService<Attempts>().Count);
    }

    private sealed record Sold(int FailuresBefore);

    private sealed class Attempts
    {
        public int Count;
    }

    private sealed class CountOnSold(Attempts attempts) : IConsumer<Sold>
    {
        public Task Consume(ConsumeContext<Sold> context) =>
            Interlocked.Increment(ref attempts.Count) <= context.Message.FailuresBefore ? throw new DocumentConflictException([]) : Task.CompletedTask;
    }

    private sealed class Shop : IModule
    {
        public string Name => "Shop";

        public void Configure(ModuleBuilder module) => module
            .Consumer<CountOnSold, Sold>()
            .Services((services, _) => services.AddSingleton<Attempts>());
    }
}
