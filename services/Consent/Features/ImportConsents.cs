using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Options;
using Personalization.Consent.Domain;
using Personalization.Contracts.Consent;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;

namespace Personalization.Consent.Features;

/// <summary>A line of <c>POST /consents:import</c>: a decision made elsewhere, dated when it was made.</summary>
public sealed record ImportedConsent(
    string CustomerId, string Purpose, ConsentDecision Decision, int NoticeVersion, string Language, string Channel, DateTimeOffset DecidedAt,
    IReadOnlyList<string>? Categories = null, string? ServedNoticeId = null, string? Evidence = null)
{
    /// <summary>Never taken: a line is a decision on one purpose.</summary>
    public JsonElement? Purposes { get; init; }
}

/// <summary>What became of the lines.</summary>
/// <param name="Imported">Recorded, or so already; of the whole import, also of what an earlier request sent.</param>
/// <param name="Refused">Lines of this request that were not recorded, and why; the first 10,000.</param>
/// <param name="Unlisted">How many more of them there are.</param>
/// <param name="ResumedAt">Behind which line this request went on.</param>
public sealed record ImportAnswer(long Imported, IReadOnlyList<RefusedLine> Refused, long? Unlisted = null, long? ResumedAt = null);

/// <summary>A line that wasn't recorded.</summary>
/// <param name="Index">Of the line, from 0.</param>
/// <param name="Reason">Stable slug.</param>
public sealed record RefusedLine(long Index, string Reason);

/// <summary>Last line of the answer as NDJSON: of the whole import, also of what an earlier request sent.</summary>
/// <param name="Lines">Lines, blank ones among them.</param>
/// <param name="Imported">Recorded.</param>
/// <param name="Unchanged">So already.</param>
/// <param name="Refused">Not recorded.</param>
/// <param name="Reasons">Why, and how many.</param>
/// <param name="ResumedAt">Behind which line this request went on.</param>
public sealed record ImportSummary(long Lines, long Imported, long Unchanged, long Refused, IReadOnlyDictionary<string, long> Reasons, long? ResumedAt = null);

/// <summary>Takes over decisions that were made before this system, by the rules of a single decision.</summary>
internal static class ImportConsents
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/consents:import", Handle)
        .AllowRoles(Roles.Product, Roles.Operator)
        .ShowsNobody()
        .WithMetadata(new DisableRequestSizeLimitAttribute())
        .Accepts<ImportedConsent>("application/x-ndjson")
        .Produces<ImportAnswer>(StatusCodes.Status200OK, "application/json", "application/x-ndjson")
        .WithSummary("Import decisions (NDJSON of any length)")
        .WithDescription(
            "With Accept: application/x-ndjson a line for each line, then a summary; otherwise the refused lines. Sent again with the same Idempotency-Key or ?id=, "
            + "the same lines go on behind the last that were written. ?evidence= names the document that proves the decisions.");

    private static Results<ImportResult, ProblemHttpResult> Handle(
        HttpContext http, ServiceModule module, SubjectRefs refs, NumberConsentChanges stream, InForceWaiter waiter, IOptions<ConsentOptions> options,
        ConsentTelemetry telemetry, TimeProvider time, string? id = null, string? evidence = null)
    {
        if (!module.HasReplayedErasures) return Problems.ErasuresMissed();
        if (!IdempotencyKeys.TryRead(http.Request, out var key) || (id is not null && !IdempotencyKeys.IsKey(id))) return IdempotencyKeys.Bad();
        if (evidence is not null && Refusals.OfEvidence(evidence) is { } refusal) return refusal.ToProblem();
        var own = (key ?? id) is { } name ? IdempotencyKeys.Blind(http, name, refs) : null;
        return new ImportResult(new ImportRun(own, evidence, module, refs, stream, waiter, options.Value, telemetry, time));
    }
}

/// <summary>Runs an import and answers it in the form that was asked for.</summary>
internal sealed class ImportResult(ImportRun run) : IResult
{
    private const int Listed = 10_000;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        if (httpContext.Request.Headers.Accept.Any(accept => accept?.Contains("application/x-ndjson", StringComparison.OrdinalIgnoreCase) == true))
            await AnswerByLineAsync(httpContext);
        else
            await AnswerAtTheEndAsync(httpContext);
    }

    private async Task AnswerAtTheEndAsync(HttpContext http)
    {
        var (refused, all) = (new List<RefusedLine>(), 0L);
        await foreach (var lines in run.RunAsync(http.Request.BodyReader, http.RequestAborted))
        {
            for (var i = 0; i < lines.Outcomes.Count; i++)
            {
                if (lines.Outcomes[i].Reason is not { } reason) continue;
                if (++all <= Listed) refused.Add(new RefusedLine(lines.First - 1 + i, reason));
            }
        }

        if (run.Stopped is { } stopped)
        {
            await stopped.ToProblem().ExecuteAsync(http);
            return;
        }

        var answer = new ImportAnswer(run.Progress.Imported + run.Progress.Unchanged, refused, all > Listed ? all - Listed : null, run.ResumedAt);
        await http.Response.WriteAsJsonAsync(answer, Json.Options, http.RequestAborted);
    }

    /// <summary>Most callers read nothing before they have sent everything, so what they don't read yet must not keep their lines from being read.</summary>
    private async Task AnswerByLineAsync(HttpContext http)
    {
        var unread = Channel.CreateUnbounded<Unread>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        Task? writing = null;
        var pace = http.Features.Get<IHttpMinResponseDataRateFeature>();
        var usual = pace?.MinDataRate;
        if (pace is not null) pace.MinDataRate = null;
        try
        {
            await foreach (var lines in run.RunAsync(http.Request.BodyReader, http.RequestAborted))
            {
                writing ??= WriteAsync(http.Response, unread.Reader, http.RequestAborted);
                unread.Writer.TryWrite(Unread.Of(lines));
            }
        }
        finally
        {
            // Also when it breaks off: what was written is told.
            unread.Writer.Complete();
            if (pace is not null) pace.MinDataRate = usual;
            if (writing is not null) await writing;
        }

        if (run.Stopped is { } stopped)
        {
            if (writing is null) await stopped.ToProblem().ExecuteAsync(http);
            else http.Abort();
            return;
        }

        var all = run.Progress;
        if (writing is null) http.Response.ContentType = "application/x-ndjson";
        await JsonSerializer.SerializeAsync(
            http.Response.Body, new ImportSummary(all.Lines, all.Imported, all.Unchanged, all.AllRefused, all.Refused, run.ResumedAt), Json.Options, http.RequestAborted);
        await http.Response.WriteAsync("\n", http.RequestAborted);
    }

    private static async Task WriteAsync(HttpResponse response, ChannelReader<Unread> unread, CancellationToken cancellationToken)
    {
        response.ContentType = "application/x-ndjson";
        await foreach (var lines in unread.ReadAllAsync(cancellationToken)) await response.WriteAsync(lines.ToText(), cancellationToken);
    }

    /// <summary>A byte for each line, and a reference to the reason for each that was refused.</summary>
    private sealed record Unread(long First, byte[] Statuses, string[] Reasons)
    {
        public static Unread Of(ImportedLines lines) => new(
            lines.First, [.. lines.Outcomes.Select(outcome => (byte)outcome.Status)], [.. lines.Outcomes.Select(outcome => outcome.Reason).OfType<string>()]);

        public string ToText()
        {
            var text = new StringBuilder();
            var refused = 0;
            for (var i = 0; i < Statuses.Length; i++)
            {
                var status = (ImportStatus)Statuses[i];
                if (status == ImportStatus.Blank) continue;
                text.Append(CultureInfo.InvariantCulture, $"{{\"line\":{First + i},\"status\":");
                text.Append(status switch
                {
                    ImportStatus.Imported => "\"imported\"}\n",
                    ImportStatus.Unchanged => "\"unchanged\"}\n",
                    _ => $"\"refused\",\"reason\":\"{Reasons[refused++]}\"}}\n",
                });
            }

            return text.ToString();
        }
    }
}
