using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Personalization.Platform.Messaging;

/// <summary>
/// Counts at the broker what waits in the services' queues, and the dead letters: nobody reads that queue, so nothing else would tell of them. An account
/// that may not ask for it leaves it to the broker's own metrics.
/// </summary>
internal sealed partial class WatchQueues(BrokerTopology topology, ServiceModules modules, ConsumerRegistry consumers, TimeProvider time, ILogger<WatchQueues> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(15);
    private IConnection? connection;
    private bool mayNotAskForDeadLetters;

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (connection is not null) await connection.DisposeAsync();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (modules.All.Count > 0) await time.RepeatAsync(Every, CountAsync, LogFailed, stoppingToken);
    }

    private async Task CountAsync(CancellationToken cancellationToken)
    {
        // The client mends a connection that broke.
        connection ??= await topology.ConnectAsync("queues", cancellationToken);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        foreach (var consumer in consumers.All)
            modules.All.Single(module => module.Name == consumer.Module).Telemetry.Waits(consumer.Queue, await channel.MessageCountAsync(consumer.Queue, cancellationToken));
        if (mayNotAskForDeadLetters) return;
        try
        {
            var count = await channel.MessageCountAsync(BrokerTopology.DeadLetters, cancellationToken);
            foreach (var module in modules.All) module.Telemetry.DeadLetters(count);
        }
        catch (OperationInterruptedException interrupted) when (interrupted.ShutdownReason?.ReplyCode == Constants.AccessRefused)
        {
            mayNotAskForDeadLetters = true;
            LogRefused();
        }
    }

    [LoggerMessage(LogLevel.Information, "The broker's account may not ask for the number of dead letters: watch its metrics for the queue dead-letters instead")]
    private partial void LogRefused();

    [LoggerMessage(LogLevel.Warning, "Counting what waits in the queues failed ({Error}); it is tried again")]
    private partial void LogFailed(string error);
}
