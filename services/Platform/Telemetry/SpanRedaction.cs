using System.Collections.Frozen;
using System.Diagnostics;
using OpenTelemetry;

namespace Personalization.Platform.Telemetry;

/// <summary>
/// Lets only listed attributes leave the process. Paths, queries, full URLs, message bodies' ids and whatever a library adds tomorrow are
/// dropped: a customer id stands in many of them.
/// </summary>
internal sealed class SpanRedaction : BaseProcessor<Activity>
{
    private static readonly FrozenSet<string> Allowed = new[]
    {
        "error.type",
        "http.request.method",
        "http.response.status_code",
        "http.route",
        "messaging.destination.name",
        "messaging.message.id",
        "messaging.operation",
        "messaging.operation.type",
        "messaging.system",
        "network.protocol.version",
        "personalization.batch.size",
        "personalization.case.id",
        "personalization.duplicate",
        "personalization.module",
        "personalization.outcome",
        "server.address",
        "server.port",
        "url.scheme",
    }.ToFrozenSet();

    public override void OnEnd(Activity data)
    {
        List<string>? dropped = null;
        foreach (var tag in data.EnumerateTagObjects())
        {
            if (!Allowed.Contains(tag.Key)) (dropped ??= []).Add(tag.Key);
        }

        if (dropped is not null)
        {
            foreach (var key in dropped) data.SetTag(key, null);
        }

        // Libraries put the exception's text there.
        if (data.StatusDescription is not null) data.SetStatus(data.Status);
    }
}
