using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Personalization.Consent.Domain;
using Personalization.Contracts.Consent;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>A line of <c>POST /consents:import</c>: a decision made elsewhere, dated when it was made.</summary>
public sealed record ImportedConsent(
    string CustomerId, string Purpose, ConsentDecision Decision, int NoticeVersion, string Language, string Channel, DateTimeOffset DecidedAt, IReadOnlyList<string>? Categories = null,
    string? ServedNoticeId = null);

/// <summary>What became of the lines.</summary>
/// <param name="Imported">Recorded, or so already.</param>
/// <param name="Refused">Not recorded, and why.</param>
public sealed record ImportAnswer(int Imported, IReadOnlyList<RefusedLine> Refused);

/// <summary>A line that wasn't recorded.</summary>
/// <param name="Index">Of the line, from 0.</param>
/// <param name="Reason">Stable slug.</param>
public sealed record RefusedLine(int Index, string Reason);

/// <summary>Takes over decisions that were made before this system, by the rules of a single decision. Each chunk is its own unit of work.</summary>
internal static class ImportConsents
{
    private const int MaxLines = 10_000;
    private const int MaxBytes = 8 * 1024 * 1024;
    private const int Chunk = 100;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/consents:import", HandleAsync)
        .AllowRoles(Roles.Product, Roles.Operator)
        .WithMetadata(new RequestSizeLimitAttribute(MaxBytes))
        .Accepts<ImportedConsent>("application/x-ndjson")
        .WithSummary("Import decisions (NDJSON, up to 10,000 lines)");

    private static async Task<Results<Ok<ImportAnswer>, ProblemHttpResult>> HandleAsync(
        HttpRequest request, ServiceModule module, SubjectRefs refs, NumberConsentChanges stream, ConsentTelemetry telemetry, TimeProvider time, CancellationToken cancellationToken)
    {
        var lines = new List<ImportedConsent?>();
        using var reader = new StreamReader(request.Body);
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (string.IsNullOrWhiteSpace(line)) continue;
            if (lines.Count == MaxLines) return Problems.Of(StatusCodes.Status413PayloadTooLarge, "too-many-lines", "An import takes 10,000 lines.", "Nothing was imported. Split it.");
            lines.Add(Parse(line));
        }

        var refused = new List<RefusedLine>();
        for (var from = 0; from < lines.Count; from += Chunk)
        {
            refused.AddRange(await ImportAsync(lines, from, Math.Min(from + Chunk, lines.Count), module, refs, telemetry, time.GetUtcNow(), cancellationToken));
            stream.Wake();
        }

        return TypedResults.Ok(new ImportAnswer(lines.Count - refused.Count, refused));
    }

    private static async Task<List<RefusedLine>> ImportAsync(
        List<ImportedConsent?> lines, int from, int to, ServiceModule module, SubjectRefs refs, ConsentTelemetry telemetry, DateTimeOffset now, CancellationToken cancellationToken)
    {
        for (var attempt = 0; ; attempt++)
        {
            var session = module.OpenSession();
            var refused = new List<RefusedLine>();
            await session.PrefetchAsync(
                lines[from..to].OfType<ImportedConsent>().Where(line => SubjectRefs.IsCustomerId(line.CustomerId))
                    .SelectMany(line => (DocumentKey[])
                        [session.Key<ConsentRecord>(refs.Of(line.CustomerId)), session.Key<Purpose>(line.Purpose), .. RecordServedNotice.KeysOf(session, line.ServedNoticeId)]),
                cancellationToken);

            // Which purposes promise something is known only now; the others cost no read.
            var promised = new List<DocumentKey>();
            foreach (var line in lines[from..to].OfType<ImportedConsent>().Where(line => SubjectRefs.IsCustomerId(line.CustomerId)))
                promised.AddRange(GiveReward.KeysOf(session, refs.Of(line.CustomerId), await session.LoadAsync<Purpose>(line.Purpose, cancellationToken)));
            await session.PrefetchAsync(promised, cancellationToken);
            var recorded = 0;
            for (var index = from; index < to; index++)
            {
                var (reason, isNew) = await ApplyAsync(lines[index], session, refs, now, cancellationToken);
                if (reason is not null) refused.Add(new RefusedLine(index, reason));
                else if (isNew) recorded++;
            }

            try
            {
                await session.CommitAsync(cancellationToken);
                for (; recorded > 0; recorded--) telemetry.Decided("imported");
                return refused;
            }
            catch (DocumentConflictException) when (attempt < 20)
            {
                // Somebody decided meanwhile; theirs counts, so look again.
            }
        }
    }

    private static async Task<(string? Refused, bool IsNew)> ApplyAsync(
        ImportedConsent? line, DocumentSession session, SubjectRefs refs, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (line is null) return ("malformed-line", false);
        if (!SubjectRefs.IsCustomerId(line.CustomerId)) return ("bad-customer-id", false);
        var subject = refs.Of(line.CustomerId);
        var purpose = await session.LoadAsync<Purpose>(line.Purpose, cancellationToken);
        var record = await session.LoadAsync<ConsentRecord>(subject, cancellationToken) ?? ConsentRecord.Empty(subject);
        var refusal = Refusals.OfDecision(purpose, line.Decision, line.NoticeVersion, line.Language, line.Channel, line.Categories, line.DecidedAt, now)
            ?? (line.Decision == ConsentDecision.Granted ? Refusals.OfStaleTime(record, line.DecidedAt) : null);
        if (refusal is not null) return (refusal.Slug, false);
        var (served, unserved) = await RecordServedNotice.FindAsync(
            session, line.ServedNoticeId, line.Purpose, line.NoticeVersion, line.Language, line.DecidedAt, cancellationToken);
        if (unserved is not null) return (unserved.Slug, false);

        var granted = line.Decision == ConsentDecision.Granted ? line.Categories ?? purpose!.Categories : [];
        var change = record.Decide(purpose!, [.. granted], ConsentDecision.Denied, line.NoticeVersion, line.DecidedAt);
        if (line.Decision == ConsentDecision.Granted) await GiveReward.ForAsync(session, purpose!, change?.Record ?? record, now, cancellationToken);
        if (change is null) return (null, false);
        var source = new DecisionSource(line.Channel, purpose!.NoticeIn(line.Language), line.NoticeVersion) { ServedNoticeId = served?.Id, ServedAt = served?.ServedAt };
        await RecordChange.StoreAsync(session, change, null, source, now, cancellationToken);
        return (null, true);
    }

    private static ImportedConsent? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<ImportedConsent>(line, Json.Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
