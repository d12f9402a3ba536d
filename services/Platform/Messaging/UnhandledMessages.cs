using System.Runtime.Serialization;
using System.Text.Json;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Personalization.Platform.Security;

namespace Personalization.Platform.Messaging;

/// <summary>
/// Keeps what a consumer was sent and can't handle, so that it doesn't wait readable in an error queue. Named by the consumer in the module's list.
/// </summary>
public interface IUnhandledMessages
{
    /// <summary>Keeps a message. Durable when it returns; the same message again changes nothing.</summary>
    /// <param name="body">The message as it came.</param>
    /// <param name="reason">Why it can't be handled; a stable word: <c>unreadable</c>, <c>not-handled</c> or a <see cref="UntrustedMessageException.Problem"/>.</param>
    /// <param name="cancellationToken">Ends the attempt; the broker delivers the message again.</param>
    Task TakeAsync(ReadOnlyMemory<byte> body, string reason, CancellationToken cancellationToken);
}

/// <summary>
/// Stands where else the error queue is: hands the message to the quarantine and lets the broker forget it then. While the quarantine can't be
/// written to, the message stays the broker's: it is never in neither, and never in an error queue.
/// </summary>
internal sealed partial class UnhandledMessageFilter(IServiceProvider services, Type keeper, ILogger logger) : IFilter<ExceptionReceiveContext>, IFilter<ReceiveContext>
{
    /// <summary>No message of the contract can be made of it.</summary>
    public const string Unreadable = "unreadable";

    /// <summary>It could be read, and every attempt to handle it failed.</summary>
    public const string NotHandled = "not-handled";

    // Well under the broker's 30 minutes for an unacknowledged message.
    private const int Attempts = 60;
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(5);

    public Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
    {
        var exception = context.Exception.GetBaseException();
        var reason = exception is UntrustedMessageException untrusted ? untrusted.Problem : IsUnreadable(context.Exception) ? Unreadable : NotHandled;
        LogTaken(context.InputAddress.AbsolutePath, reason, exception.GetType().Name, exception.StackTrace);
        return TakeAsync(context, reason);
    }

    public Task Send(ReceiveContext context, IPipe<ReceiveContext> next) => TakeAsync(context, Unreadable);

    public void Probe(ProbeContext context) => context.CreateFilterScope("unhandled");

    private static bool IsUnreadable(Exception? exception) => exception is SerializationException or JsonException || (exception is not null && IsUnreadable(exception.InnerException));

    private async Task TakeAsync(ReceiveContext context, string reason)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await ((IUnhandledMessages)services.GetRequiredService(keeper)).TakeAsync(context.Body.GetBytes(), reason, context.CancellationToken);
                return;
            }
            catch (Exception exception) when (attempt < Attempts && !context.CancellationToken.IsCancellationRequested)
            {
                LogWaiting(context.InputAddress.AbsolutePath, exception.GetType().Name);
                await Task.Delay(Between, TimeProvider.System, context.CancellationToken);
            }
        }
    }

    [LoggerMessage(LogLevel.Error, "A message of {Queue} could not be handled and is in quarantine ({Reason}): {Error}\n{Trace}")]
    private partial void LogTaken(string queue, string reason, string error, string? trace);

    [LoggerMessage(LogLevel.Warning, "A message of {Queue} can't be put in quarantine yet ({Error}); it is tried again")]
    private partial void LogWaiting(string queue, string error);
}
