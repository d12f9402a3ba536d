using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Personalization.Platform.Http;
using Personalization.Platform.Telemetry;
using Personalization.Testing;
using Xunit;

namespace Personalization.Portal.Tests;

public sealed class RecordedSpansTests
{
    [Fact]
    public async Task The_trace_of_a_case_is_found_by_it_by_those_who_run_the_system_and_names_nobody()
    {
        await using var server = await RunningServer.StartAsync();
        await server.DeclareAsync();
        await server.GrantAsync("canary-9931", "recommendations");
        using var person = server.As(Roles.Subject, "canary-9931");
        using var revoked = await person.DeleteAsync(new Uri("/consents/canary-9931", UriKind.Relative));
        var caseId = (string)JsonNode.Parse(await revoked.Content.ReadAsStringAsync())!["caseId"]!;

        var trace = await Eventually.Is(
            "the last receipt is in the trace", async () => (await server.GetAsync($"/traces/{caseId}", Roles.Operator)).ToJsonString(),
            text => text.Contains("relay ErasureCompleted", StringComparison.Ordinal), RunningServer.Soon);
        var spans = JsonNode.Parse(trace)!["items"]!.AsArray();
        using var marketer = server.As(Roles.Marketer);
        using var officer = server.As(Roles.Officer);
        using var refused = await marketer.GetAsync(new Uri($"/traces/{caseId}", UriKind.Relative));
        using var unknown = await officer.GetAsync(new Uri("/traces/er_unknown", UriKind.Relative));

        Assert.Contains(spans, span => (string)span!["name"]! == "DELETE /consents/{customerId}");
        Assert.Contains(spans, span => (string)span!["name"]! == "erase-profile-on-erase-subject process" && (double)span["durationMs"]! > 0);

        // Spans may have come in between.
        var byTrace = (await server.GetAsync($"/traces/{spans[0]!["traceId"]}"))["items"]!.AsArray().Select(span => (string)span!["spanId"]!).ToHashSet();
        Assert.All(spans, span => Assert.Contains((string)span!["spanId"]!, byTrace));
        Assert.DoesNotContain("canary-9931", trace, StringComparison.Ordinal);
        Assert.DoesNotContain("s1_", trace, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Equal("urn:personalization:problem:not-found", (string?)(await unknown.Content.ReadFromJsonAsync<JsonNode>())!["type"]);
    }

    [Fact]
    public void No_more_spans_are_kept_than_memory_is_meant_for()
    {
        using var recorded = new RecordedSpans();
        using var source = new ActivitySource("recorded");
        using var listener = new ActivityListener
        {
            ShouldListenTo = of => of == source,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = recorded.OnEnd,
        };
        ActivitySource.AddActivityListener(listener);
        using var parent = source.StartActivity("parent")!;
        for (var i = 0; i < RecordedSpans.Most + 5; i++) source.StartActivity(i < 5 ? "old" : "new")!.Dispose();

        var kept = recorded.Find(parent.TraceId.ToString());

        Assert.Equal(RecordedSpans.Most, kept.Count);
        Assert.All(kept, span => Assert.Equal("new", span.Name));
    }
}
