using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using OpenTelemetry;
using Personalization.Platform.Http;

namespace Personalization.Platform.Telemetry;

/// <summary>A span, as an exporter would have sent it: nothing in it is about a person.</summary>
/// <param name="TraceId">32 hex digits.</param>
/// <param name="SpanId">16 hex digits.</param>
/// <param name="ParentSpanId">That of the span it belongs to; absent for the first of a trace.</param>
/// <param name="Name">What was done.</param>
/// <param name="Kind">OpenTelemetry's: <c>server</c>, <c>client</c>, <c>producer</c>, <c>consumer</c> or <c>internal</c>.</param>
/// <param name="StartedAt">UTC.</param>
/// <param name="DurationMs">How long it took, in milliseconds.</param>
/// <param name="IsError">Whether it failed.</param>
/// <param name="CaseId">The erasure case it opened or took a receipt for.</param>
public sealed record RecordedSpan(
    string TraceId, string SpanId, string? ParentSpanId, string Name, string Kind, DateTimeOffset StartedAt, double DurationMs, bool IsError, string? CaseId = null)
{
    internal static RecordedSpan Of(Activity activity) => new(
        activity.TraceId.ToString(), activity.SpanId.ToString(), activity.ParentSpanId == default ? null : activity.ParentSpanId.ToString(), activity.DisplayName,
        activity.Kind.ToString().ToLowerInvariant(), activity.StartTimeUtc, activity.Duration.TotalMilliseconds, activity.Status == ActivityStatusCode.Error,
        activity.GetTagItem("personalization.case.id") as string);
}

/// <summary>
/// The last spans of a developer's one-process server, so that a trace can be looked at where nothing collects telemetry. In memory, after redaction, and
/// never of a deployment.
/// </summary>
public sealed class RecordedSpans : BaseProcessor<Activity>
{
    /// <summary>How many are kept; a cascade has a hundred or two.</summary>
    public const int Most = 20_000;

    private readonly Lock gate = new();
    private readonly Queue<RecordedSpan> spans = new();

    /// <inheritdoc/>
    public override void OnEnd(Activity data)
    {
        var span = RecordedSpan.Of(data);
        lock (gate)
        {
            spans.Enqueue(span);
            if (spans.Count > Most) spans.Dequeue();
        }
    }

    /// <summary>The spans of a trace, or of all traces that touched an erasure case, by their beginning; none if they are gone.</summary>
    public IReadOnlyList<RecordedSpan> Find(string traceOrCase)
    {
        lock (gate)
        {
            var traces = spans.Where(span => span.TraceId == traceOrCase || span.CaseId == traceOrCase).Select(span => span.TraceId).ToHashSet();
            return [.. spans.Where(span => traces.Contains(span.TraceId)).OrderBy(span => span.StartedAt)];
        }
    }
}

internal static class RecordedSpansEndpoints
{
    public static void MapRecordedSpans(this IEndpointRouteBuilder routes) => routes
        .MapGet("/traces/{traceOrCase}", Handle)
        .AllowRoles(Roles.Operator, Roles.Officer)
        .ExcludeFromDescription();

    private static Results<Ok<Response>, ProblemHttpResult> Handle(string traceOrCase, RecordedSpans recorded) =>
        recorded.Find(traceOrCase) is { Count: > 0 } spans ? TypedResults.Ok(new Response(spans)) : Problems.NotFound("trace");

    private sealed record Response(IReadOnlyList<RecordedSpan> Items);
}
