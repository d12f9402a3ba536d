using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Personalization.Consent.Domain;
using Personalization.Contracts.Consent;
using Personalization.Platform;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>Outcomes of lines that were written together.</summary>
/// <param name="First">Number of the first, from 1.</param>
/// <param name="Outcomes">Theirs, in order.</param>
internal sealed record ImportedLines(long First, IReadOnlyList<ImportOutcome> Outcomes);

/// <summary>
/// One import. Lines are taken in chunks, each a unit of work with the place the import came to; not more than a chunk is held, however
/// long the stream.
/// </summary>
/// <param name="id">Under which it can be gone on with; null if it can't.</param>
/// <param name="evidence">Where the proof of all decisions is that don't name their own.</param>
internal sealed class ImportRun(
    string? id, string? evidence, ServiceModule module, SubjectRefs refs, NumberConsentChanges stream, InForceWaiter waiter, ConsentOptions options,
    ConsentTelemetry telemetry, TimeProvider time)
{
    // What a revocation made meanwhile waits behind, at most.
    private const int Chunk = 200;
    private const int LongestLine = 16 * 1024;
    private const int Attempts = 20;

    // Long enough for whoever sends the same stream again; what is older goes when the next import begins.
    private static readonly TimeSpan Keep = TimeSpan.FromDays(30);

    private (string SubjectRef, long Version)? newest;

    /// <summary>How far it came.</summary>
    public ConsentImport Progress { get; private set; } = null!;

    /// <summary>Behind which line this request went on; null if it began.</summary>
    public long? ResumedAt { get; private set; }

    /// <summary>Why it stopped before the end of the stream.</summary>
    public Refusal? Stopped { get; private set; }

    /// <summary>Imports, and tells of each chunk once it is written.</summary>
    public async IAsyncEnumerable<ImportedLines> RunAsync(PipeReader body, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await BeginAsync(cancellationToken);
        var (line, digest) = (0L, Start);
        var chunk = new List<ParsedLine>(Chunk);
        await foreach (var read in NdjsonLines.ReadAsync(body, LongestLine, cancellationToken))
        {
            digest = ConsentImport.DigestOf(digest, read.Bytes.Span);
            if (++line <= ResumedAt)
            {
                if (line < ResumedAt || digest == Progress.Digest) continue;
                Stopped = Refusals.OtherImport;
                yield break;
            }

            chunk.Add(Parse(read));
            if (chunk.Count < Chunk) continue;
            if (await WriteAsync(chunk, digest, cancellationToken) is not { } written) yield break;
            yield return written;
            chunk.Clear();
        }

        if (line < ResumedAt) Stopped = Refusals.OtherImport;
        if (chunk.Count > 0 && await WriteAsync(chunk, digest, cancellationToken) is { } last) yield return last;
    }

    private string Start => ConsentImport.DigestOf(refs.Blind("import", id ?? "", evidence ?? ""));

    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        Progress = new ConsentImport { Id = id ?? "", Digest = Start, ChangedAt = time.GetUtcNow() };
        if (id is null) return;
        var session = module.OpenSession();
        foreach (var old in await session.QueryAsync<ConsentImport>("changed", atMost: Json.FormatTime(time.GetUtcNow() - Keep), limit: 100, cancellationToken: cancellationToken))
            session.Delete<ConsentImport>(old.Id);
        try
        {
            await session.CommitAsync(cancellationToken);
        }
        catch (DocumentConflictException)
        {
            // Another import tidies up too.
        }

        Progress = await module.OpenSession().LoadAsync<ConsentImport>(id, cancellationToken) ?? Progress;
        if (Progress.Lines > 0) ResumedAt = Progress.Lines;
    }

    /// <returns>Null if somebody else goes on with the same import.</returns>
    private async Task<ImportedLines?> WriteAsync(IReadOnlyList<ParsedLine> chunk, string digest, CancellationToken cancellationToken)
    {
        // No further ahead of the services that follow than a chunk: a revocation made meanwhile would wait behind all that they haven't applied,
        // and their leases would run out.
        if (newest is var (subjectRef, version)) await waiter.WaitAsync(subjectRef, version, TimeSpan.FromMilliseconds(options.WaitForMilliseconds), cancellationToken);
        newest = null;
        for (var attempt = 1; ; attempt++)
        {
            var session = module.OpenSession();
            if (id is not null && (await session.LoadAsync<ConsentImport>(id, cancellationToken))?.Lines is var lines && (lines ?? 0) != Progress.Lines)
            {
                Stopped = Refusals.ImportElsewhere;
                return null;
            }

            await session.PrefetchAsync(
                chunk.Select(line => line.Consent).OfType<ImportedConsent>()
                    .SelectMany(line => (DocumentKey[])
                        [session.Key<ConsentRecord>(refs.Of(line.CustomerId)), session.Key<Purpose>(line.Purpose), .. RecordServedNotice.KeysOf(session, line.ServedNoticeId)]),
                cancellationToken);

            // Which purposes promise something is known only now; the others cost no read.
            var promised = new List<DocumentKey>();
            foreach (var line in chunk.Select(line => line.Consent).OfType<ImportedConsent>())
                promised.AddRange(GiveReward.KeysOf(session, refs.Of(line.CustomerId), await session.LoadAsync<Purpose>(line.Purpose, cancellationToken)));
            await session.PrefetchAsync(promised, cancellationToken);
            var now = time.GetUtcNow();
            var outcomes = new ImportOutcome[chunk.Count];
            for (var i = 0; i < outcomes.Length; i++) outcomes[i] = chunk[i].Outcome ?? await ApplyAsync(chunk[i].Consent!, session, now, cancellationToken);
            var next = Progress.After(outcomes, digest, now);
            if (id is not null) session.Store(next);
            try
            {
                await session.CommitAsync(cancellationToken);
            }
            catch (Exception exception) when (exception is DocumentConflictException or SubjectErasedException && attempt < Attempts)
            {
                // Somebody decided or was erased meanwhile; that counts, so look again.
                continue;
            }

            for (var recorded = next.Imported - Progress.Imported; recorded > 0; recorded--) telemetry.Decided("imported");
            var written = new ImportedLines(Progress.Lines + 1, outcomes);
            Progress = next;
            stream.Wake();
            return written;
        }
    }

    private async Task<ImportOutcome> ApplyAsync(ImportedConsent line, DocumentSession session, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var subject = refs.Of(line.CustomerId);
        var purpose = await session.LoadAsync<Purpose>(line.Purpose, cancellationToken);
        var record = await session.LoadAsync<ConsentRecord>(subject, cancellationToken) ?? ConsentRecord.Empty(subject);
        var refusal = Refusals.OfDecision(purpose, line.Decision, line.NoticeVersion, line.Language, line.Channel, line.Categories, line.DecidedAt, now)
            ?? (line.Decision == ConsentDecision.Granted ? Refusals.OfStaleTime(record, line.DecidedAt) : null);
        if (refusal is not null) return ImportOutcome.RefusedFor(refusal.Slug);

        var (served, unserved) = await RecordServedNotice.FindAsync(
            session, line.ServedNoticeId, line.Purpose, line.NoticeVersion, line.Language, line.DecidedAt, cancellationToken);
        if (unserved is not null) return ImportOutcome.RefusedFor(unserved.Slug);

        var granted = line.Decision == ConsentDecision.Granted ? line.Categories ?? purpose!.Categories : [];
        var change = record.Decide(purpose!, [.. granted], ConsentDecision.Denied, line.NoticeVersion, line.DecidedAt);
        if (line.Decision == ConsentDecision.Granted) await GiveReward.ForAsync(session, purpose!, change?.Record ?? record, now, cancellationToken);
        if (change is null) return new ImportOutcome(ImportStatus.Unchanged);
        var source = new DecisionSource(line.Channel, purpose!.NoticeIn(line.Language), line.NoticeVersion)
        {
            ServedNoticeId = served?.Id,
            ServedAt = served?.ServedAt,
            Evidence = line.Evidence ?? evidence,
        };
        await RecordChange.StoreAsync(session, change, null, source, now, cancellationToken);
        newest = (change.Record.Id, change.Record.Version);
        return new ImportOutcome(ImportStatus.Imported);
    }

    private static ParsedLine Parse(NdjsonLine line)
    {
        if (line.IsTooLong) return Refused("line-too-long");
        if (line.Bytes.Span.IndexOfAnyExcept(" \t\r"u8) < 0) return new ParsedLine(null, new ImportOutcome(ImportStatus.Blank));
        try
        {
            var consent = JsonSerializer.Deserialize<ImportedConsent>(line.Bytes.Span, Json.Options);
            return consent is null ? Refused("malformed-line")
                : consent.Purposes is not null ? Refused(Refusals.Bundled.Slug)
                : !SubjectRefs.IsCustomerId(consent.CustomerId) ? Refused("bad-customer-id")
                : consent.Evidence is not null && Refusals.OfEvidence(consent.Evidence) is { } refusal ? Refused(refusal.Slug)
                : new ParsedLine(consent, null);
        }
        catch (JsonException)
        {
            return Refused(IsBundle(line.Bytes) ? Refusals.Bundled.Slug : "malformed-line");
        }

        static ParsedLine Refused(string reason) => new(null, ImportOutcome.RefusedFor(reason));
    }

    /// <summary>Whether it names several purposes where one is meant.</summary>
    private static bool IsBundle(ReadOnlyMemory<byte> line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            var names = json.RootElement;
            return names.ValueKind == JsonValueKind.Object
                && (names.TryGetProperty("purposes", out _) || (names.TryGetProperty("purpose", out var purpose) && purpose.ValueKind == JsonValueKind.Array));
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private readonly record struct ParsedLine(ImportedConsent? Consent, ImportOutcome? Outcome);
}
