using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Personalization.Platform.Messaging;

/// <summary>
/// Counts the dead letters at the broker: nobody reads that queue, so nothing else would tell of them. An account that may not ask leaves it to the
/// broker's own metrics.
/// </summary>
internal sealed partial class WatchDeadLetters(BrokerTopology topology, ServiceModules modules, TimeProvider time, ILogger<WatchDeadLetters> logger) : BackgroundService
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
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (modules.All.Count == 0) return;
        using var refused = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        try
        {
            await time.RepeatAsync(Every, CountUnlessRefusedAsync, LogFailed, refused.Token);
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            // Refused. A host ends whose work ends with an exception.
        }

        async Task CountUnlessRefusedAsync(CancellationToken cancellationToken)
        {
            try
            {
                await CountAsync(cancellationToken);
            }
            catch (OperationInterruptedException interrupted) when (interrupted.ShutdownReason?.ReplyCode == Constants.AccessRefused)
            {
                LogRefused();
                await refused.CancelAsync();
            }
        }
    }

    private async Task CountAsync(CancellationToken cancellationToken)
    {
        // The client mends a connection that broke.
        connection ??= await topology.ConnectAsync("dead letters", cancellationToken);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        var count = await channel.MessageCountAsync(BrokerTopology.DeadLetters, cancellationToken);
        foreach (var module in modules.All) module.Telemetry.DeadLetters(count);
    }

    [LoggerMessage(LogLevel.Information, "The broker's account may not ask for the number of dead letters: watch its metrics for the queue dead-letters instead")]
    private partial void LogRefused();

    [LoggerMessage(LogLevel.Warning, "Counting dead letters failed ({Error}); it is tried again")]
    private partial void LogFailed(string error);
}
