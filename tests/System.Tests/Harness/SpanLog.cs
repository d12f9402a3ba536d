using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace Personalization.System.Tests.Harness;

/// <summary>What an exporter would have sent: recorded behind the processors of the product.</summary>
public sealed class SpanLog
{
    private readonly Lock gate = new();
    private readonly List<ExportedSpan> spans = [];

    /// <summary>All spans so far.</summary>
    public IReadOnlyList<ExportedSpan> All
    {
        get
        {
            lock (gate) return [.. spans];
        }
    }

    internal void Install(IServiceCollection services) => services.ConfigureOpenTelemetryTracerProvider(tracing =>
        tracing.AddProcessor(new SimpleActivityExportProcessor(new Recorder(this))));

    private sealed class Recorder(SpanLog log) : BaseExporter<Activity>
    {
        public override ExportResult Export(in Batch<Activity> batch)
        {
            foreach (var activity in batch)
            {
                var text = string.Join('\n', activity.TagObjects.Select(tag => $"{tag.Key}={tag.Value}")
                    .Concat(activity.Events.SelectMany(e => e.Tags.Select(tag => $"{e.Name}.{tag.Key}={tag.Value}")))
                    .Concat(activity.Baggage.Select(item => $"{item.Key}={item.Value}"))
                    .Append(activity.StatusDescription)
                    .Append(activity.DisplayName));
                lock (log.gate) log.spans.Add(new(activity.TraceId.ToString(), activity.SpanId.ToString(), activity.ParentSpanId.ToString(), activity.Source.Name, activity.DisplayName, text));
            }

            return ExportResult.Success;
        }
    }
}

/// <summary>A span as it left the process.</summary>
public sealed record ExportedSpan(string TraceId, string SpanId, string ParentSpanId, string Source, string Name, string Text);
