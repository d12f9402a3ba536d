using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace Personalization.Platform.Messaging;

/// <summary>Counts the dead letters at the broker: nobody reads that queue, so nothing else would tell of them.</summary>
internal sealed partial class WatchDeadLetters(Uri broker, ServiceModules modules, TimeProvider time, ILogger<WatchDeadLetters> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(15);
    private IConnection? connection;

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (connection is not null) await connection.DisposeAsync();
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => modules.All.Count == 0 ? Task.CompletedTask : time.RepeatAsync(Every, CountAsync, LogFailed, stoppingToken);

    private async Task CountAsync(CancellationToken cancellationToken)
    {
        // The client mends a connection that broke.
        connection ??= await new ConnectionFactory { Uri = broker, ClientProvidedName = "dead letters" }.CreateConnectionAsync(cancellationToken);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        var count = await channel.MessageCountAsync(BrokerTopology.DeadLetters, cancellationToken);
        foreach (var module in modules.All) module.Telemetry.DeadLetters(count);
    }

    [LoggerMessage(LogLevel.Warning, "Counting dead letters failed ({Error}); it is tried again")]
    private partial void LogFailed(string error);
}
