using System.Diagnostics;
using Personalization.Contracts.Profile;
using Personalization.Platform;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>
/// Finds out who belongs to which segments: of those who are due, because something about them was written or a time they depend on has come, and
/// of everybody, page by page, after a rule changed. Any number of instances may do so: what one of them took, the write of another fails on.
/// </summary>
public sealed partial class EvaluateSegments(ServiceModule module, ProfileTelemetry telemetry, TimeProvider time, ILogger<EvaluateSegments> logger) : BackgroundService
{
    private const int PassPage = 500;
    private const int MostAtOnce = 200;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private int atOnce = MostAtOnce;

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => time.RepeatAsync(Every, EvaluateAllAsync, LogFailed, stoppingToken);

    private async Task EvaluateAllAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                // Without it gates may be out of date, and nothing is derived from what may be revoked.
                while (module.Lease.IsValid && (await MakeDueAsync(cancellationToken) | await EvaluateDueAsync(cancellationToken)))
                {
                }

                return;
            }
            catch (Exception exception) when (exception is DocumentConflictException or SubjectErasedException)
            {
                // Another instance was there first, or somebody decided meanwhile: fewer at a time collide with less. One alone comes again later.
                if (atOnce == 1) return;
                atOnce = Math.Max(1, atOnce / 4);
            }
        }
    }

    /// <returns>Whether a pass through everybody goes on.</returns>
    private async Task<bool> MakeDueAsync(CancellationToken cancellationToken)
    {
        var session = module.OpenSession();
        if (await session.LoadAsync<EvaluationPass>(EvaluationPass.Only, cancellationToken) is not { } pass) return false;
        if (pass.MadeDueAt is { } madeDueAt)
        {
            if (await session.CountAsync<ChangedSubjects>("created", atMost: ChangedSubjects.Through(madeDueAt), cancellationToken: cancellationToken) > 0) return false;
            session.Delete<EvaluationPass>(pass.Id);
            await session.CommitAsync(cancellationToken);
            return false;
        }

        // Everybody of whom anything is held; who comes later is due by what was stored of them.
        var people = await session.QueryRowsAsync<VaultEntry>("subject", after: pass.Through, limit: PassPage, cancellationToken: cancellationToken);
        var now = time.GetUtcNow();
        session.Store(ChangedSubjects.Of(people.Select(row => row.Document).OfType<VaultEntry>().Select(person => new ChangedSubject(person.SubjectRef, person.Epoch)), now));
        session.Store(people.Count < PassPage ? pass with { MadeDueAt = now } : pass with { Through = people[^1].Value });
        await session.CommitAsync(cancellationToken);
        return people.Count == PassPage;
    }

    /// <returns>Whether anybody was due.</returns>
    private async Task<bool> EvaluateDueAsync(CancellationToken cancellationToken)
    {
        // In this order: what is due, then the rules, then gates, then data. Whatever is written after any of these makes the person due again.
        var session = module.OpenSession();
        var now = time.GetUtcNow();
        var due = await session.QueryAsync<DueEvaluation>("due", atMost: Json.FormatTime(now), limit: atOnce, cancellationToken: cancellationToken);
        var changes = await session.QueryAsync<ChangedSubjects>("created", limit: atOnce, cancellationToken: cancellationToken);
        if (due.Count == 0 && changes.Count == 0) return false;

        using var activity = module.ActivitySource.StartActivity("evaluate segments");
        var segments = await session.SegmentsAsync(cancellationToken);
        if (segments.Count == 0 && due.Count == 0 && (await session.QueryRowsAsync<SegmentMember>("segment", limit: 1, cancellationToken: cancellationToken)).Count == 0)
        {
            // Nobody can enter or leave anything; a segment that is declared now makes everybody due.
            foreach (var changed in changes) session.Delete<ChangedSubjects>(changed.Id);
            await session.CommitAsync(cancellationToken);
            return true;
        }

        var subjects = due.Select(evaluation => evaluation.SubjectRef).ToHashSet();
        foreach (var changed in changes) Take(changed, subjects, session);
        var types = await session.EventTypesAsync(cancellationToken);
        activity?.SetTag("personalization.batch.size", subjects.Count);
        await session.PrefetchAsync(subjects.Select(session.Key<SubjectGate>).Concat(subjects.Select(session.Key<DueEvaluation>)), cancellationToken);
        foreach (var subject in subjects) await EvaluateAsync(subject, segments, types, now, session, cancellationToken);
        await session.CommitAsync(cancellationToken);
        telemetry.CountEvaluated(subjects.Count);
        atOnce = Math.Min(MostAtOnce, atOnce * 2);
        return true;
    }

    /// <summary>Takes as many into the unit of work as it has room for; who has none waits on.</summary>
    private void Take(ChangedSubjects changed, HashSet<string> subjects, DocumentSession session)
    {
        ChangedSubject[] rest = [.. changed.Subjects.Where(subject => !subjects.Contains(subject.SubjectRef) && (subjects.Count >= atOnce || !subjects.Add(subject.SubjectRef)))];
        if (rest.Length == 0) session.Delete<ChangedSubjects>(changed.Id);
        else if (rest.Length < changed.Subjects.Count) session.Store(changed with { Subjects = rest });
    }

    private async Task EvaluateAsync(
        string subject, IReadOnlyList<Segment> segments, IReadOnlyDictionary<string, EventType> types, DateTimeOffset now, DocumentSession session, CancellationToken cancellationToken)
    {
        var gate = await session.LoadAsync<SubjectGate>(subject, cancellationToken) ?? SubjectGate.Closed(subject);
        session.Require<SubjectGate>(subject);
        var held = await session.QueryRowsAsync<SegmentMember>("subject", after: SubjectIndex.Before(subject), atMost: SubjectIndex.Through(subject, gate.Epoch), cancellationToken: cancellationToken);
        var before = held.Select(row => row.Document).OfType<SegmentMember>().ToArray();

        // With nothing to look for there is nothing to read.
        var reads = segments.Any(segment => gate.Allows(segment.Purpose, now));
        var data = reads ? await SubjectData.ReadAsync(module.OpenSession(), gate, cancellationToken) : [];
        var membership = Membership.Of(segments, types, data, gate, before, now);

        foreach (var row in held.Where(row => row.Document is null)) session.Delete<SegmentMember>(row.Id);
        foreach (var member in membership.Renewed) session.Store(member);
        foreach (var member in membership.Entered)
        {
            session.Store(member);
            session.Publish(new SegmentEntered
            {
                SegmentId = member.SegmentId,
                SegmentVersion = member.SegmentVersion,
                Purpose = member.Purpose,
                SubjectRef = member.SubjectRef,
                Epoch = member.Epoch,
                ConsentVersion = member.ConsentVersion,
                EnteredAt = now,
            });
        }

        foreach (var member in membership.Left) Leave(member, gate.Version, now, session);
        if (membership.ChangesAt is { } next) session.Store(new DueEvaluation { SubjectRef = subject, Epoch = gate.Epoch, DueAt = next });
        else session.Delete<DueEvaluation>(subject);
    }

    /// <summary>Ends a membership and says so with the same commit.</summary>
    internal static void Leave(SegmentMember member, long consentVersion, DateTimeOffset now, DocumentSession session)
    {
        session.Delete<SegmentMember>(member.Id);
        session.Publish(new SegmentLeft
        {
            SegmentId = member.SegmentId,
            Purpose = member.Purpose,
            SubjectRef = member.SubjectRef,
            Epoch = member.Epoch,
            ConsentVersion = consentVersion,
            LeftAt = now,
        });
    }

    [LoggerMessage(LogLevel.Warning, "Evaluating segments failed ({Error}); it is tried again")]
    private partial void LogFailed(string error);
}
