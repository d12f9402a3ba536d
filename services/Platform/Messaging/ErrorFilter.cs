using MassTransit;
using MassTransit.Context;
using MassTransit.Events;
using MassTransit.Serialization;
using MassTransit.Transports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Personalization.Platform.Messaging;

/// <summary>
/// Moves a message that failed for good to its error queue with the exception's type name and an error id, and nothing else of the
/// exception: its text, stack and inner exceptions may quote what the message holds. The id stands in the log beside the stack trace.
/// </summary>
internal sealed partial class ErrorFilter(IServiceProvider services, ConsumerRegistration consumer, ILogger logger) : IFilter<ExceptionReceiveContext>
{
    public async Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
    {
        var errorId = Guid.NewGuid();
        var type = context.Exception.GetBaseException().GetType().Name;
        LogMoved(context.InputAddress.AbsolutePath, type, errorId, context.Exception.GetBaseException().StackTrace);
        if (context.TryGetPayload(out IErrorTransport? transport)) await transport.Send(new WithoutText(context, new HandlingFailedException(type, errorId)));
        services.GetRequiredService<ServiceModules>().All.Single(module => module.Name == consumer.Module).Telemetry.Failed(consumer.Queue);
        await next.Send(context);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("error");

    [LoggerMessage(LogLevel.Error, "A message of {Queue} could not be handled and is in its error queue: {Error}, error id {ErrorId}\n{Trace}")]
    private partial void LogMoved(string queue, string error, Guid errorId, string? trace);

    private sealed class WithoutText(ExceptionReceiveContext context, HandlingFailedException exception) : ReceiveContextProxy(context), ExceptionReceiveContext
    {
        public Exception Exception => exception;

        public ExceptionInfo ExceptionInfo { get; } = new FaultExceptionInfo(exception);

        public DateTime ExceptionTimestamp => context.ExceptionTimestamp;

        // Those of the context hold the exception's text and stack.
        public SendHeaders ExceptionHeaders { get; } = HeadersOf(context, exception);

        private static DictionarySendHeaders HeadersOf(ExceptionReceiveContext context, HandlingFailedException exception)
        {
            var headers = new DictionarySendHeaders();
            headers.Set(MessageHeaders.Reason, "fault");
            headers.Set(MessageHeaders.FaultMessage, exception.Message);
            headers.Set(MessageHeaders.FaultInputAddress, context.InputAddress.AbsolutePath);
            return headers;
        }
    }
}

/// <summary>Stands in for the exception of a consumer wherever its text must not go.</summary>
public sealed class HandlingFailedException(string type, Guid errorId) : Exception($"{type}, error id {errorId}");
