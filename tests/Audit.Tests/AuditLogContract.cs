using System.Net;
using System.Text;
using System.Text.Json;
using Personalization.Audit.Domain;
using Personalization.Audit.Features;
using Personalization.Contracts.Profile;
using Personalization.Contracts.Recommendation;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Security;
using Personalization.StandIns;
using Personalization.Testing;

namespace Personalization.Audit.Tests;

/// <summary>The log as auditors see it, on every store.</summary>
public abstract class AuditLogContract<TApp>(TApp app) : IAsyncLifetime
    where TApp : AuditApp
{
    private const int Enough = 600;

    public async Task InitializeAsync()
    {
        // More than two tiles, and not a round number of them.
        if (await app.SizeAsync() is var size && size < Enough) await app.HappenAsync((int)(Enough - size));
    }

    // The test's own reads make entries too.
    public Task DisposeAsync() => app.UntilHandledAsync("audit");

    [ContractFact]
    public async Task An_entry_is_proved_in_the_tree_of_now_and_of_any_earlier_size()
    {
        var now = await app.ReadAsync<Checkpoint>("/audit/checkpoint");
        foreach (var (number, size) in new[] { (1L, 1L), (1, 2), (7, 200), (256, 256), (257, 257), (256, 511), (300, 512), (512, 513), (1, now.Size), (now.Size, now.Size), (599, 600) })
        {
            var proof = await app.ReadAsync<InclusionProof>($"/audit/entries/{number}/proof?size={size}");

            Assert.Equal((number, size), (proof.Entry.Number, proof.Size));
            Assert.True(proof.IsRight(), $"entry {number} in the tree of {size}");
            if (size == now.Size) Assert.Equal(now.RootHash, proof.RootHash);
        }
    }

    [ContractFact]
    public async Task An_earlier_tree_is_proved_to_be_the_beginning_of_a_later_one()
    {
        var now = await app.ReadAsync<Checkpoint>("/audit/checkpoint");
        foreach (var (from, to) in new[] { (0L, 5L), (1, 2), (3, 7), (255, 257), (256, 512), (256, now.Size), (511, now.Size), (now.Size, now.Size) })
        {
            var proof = await app.ReadAsync<ConsistencyProof>($"/audit/consistency?from={from}&to={to}");

            Assert.Equal((from, to), (proof.From, proof.To));
            Assert.True(proof.IsRight(), $"{from} in {to}");
            if (to == now.Size) Assert.Equal(now.RootHash, proof.ToRootHash);
        }
    }

    [ContractFact]
    public async Task What_the_log_never_was_is_not_proved()
    {
        var beyond = await app.SizeAsync() + 1000;
        foreach (var path in new[] { $"/audit/entries/1/proof?size={beyond}", "/audit/entries/9/proof?size=8", $"/audit/consistency?from=1&to={beyond}", "/audit/consistency?from=9&to=8", "/audit/consistency?from=-1" })
            Assert.EndsWith("bad-tree-size", (await app.RefusedAsync(path))["type"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, await app.StatusAsync($"/audit/entries/{beyond}/proof", Roles.Auditor));
        Assert.Equal(HttpStatusCode.NotFound, await app.StatusAsync("/audit/entries/0/proof", Roles.Auditor));
        foreach (var path in new[] { "/audit/entries/1/proof", "/audit/consistency?from=1", "/audit/export", "/audit/checkpoints" })
            Assert.Equal(HttpStatusCode.Forbidden, await app.StatusAsync(path, Roles.Operator));
    }

    [ContractFact]
    public async Task What_was_decided_in_answers_stands_in_the_log_in_clear_and_is_proved_with_it()
    {
        var told = new RecommendationsAnswered
        {
            From = app.Now.AddMinutes(-1),
            Until = app.Now,
            Answers = [new AnswersCounted
            {
                Placement = "front",
                ModelVersion = "m-1",
                Outcome = AnswerOutcome.Personalized,
                Count = 7,
                ConsentVersionFrom = 1,
                ConsentVersionTo = 4,
                Reasons = [new ReasonsCounted { Code = ReasonCode.OwnSignal, Count = 21 }],
            }],
        };
        await app.Get<AuditLog>().AppendAsync(new Told(told, Guid.NewGuid(), "answers", null, null), CancellationToken.None);

        var proof = await app.ReadAsync<InclusionProof>($"/audit/entries/{await app.SizeAsync()}/proof");
        Assert.Equal(JsonSerializer.Serialize(told, Json.Options), JsonSerializer.Serialize(proof.Entry.Answered, Json.Options));
        Assert.True(proof.IsRight());
    }

    [ContractFact]
    public async Task Who_reads_the_log_stands_in_it()
    {
        var before = await app.SizeAsync();

        await app.ReadAsync<EntriesAnswer>("/audit/entries?limit=1");
        await app.ReadAsync<InclusionProof>("/audit/entries/1/proof");
        await app.StatusAsync("/audit/export", Roles.Auditor);

        await Eventually.Is(
            "the three reads are entries", async () => (await app.ReadAsync<Checkpoint>("/audit/checkpoint")).Size, size => size >= before + 3, ServiceApp.Soon);
        var entries = (await app.Module("audit").OpenSession().QueryAsync<AuditEntry>("number", after: Json.FormatNumber(before), limit: 3)).Select(entry => entry.Read);
        Assert.All(entries, read => Assert.Equal(("audit-log", Roles.Auditor, "shown", "audit", ReadCompliance.Compliant), (read!.Data, read.Role, read.Outcome, read.Purpose, read.Compliance)));
    }

    [ContractFact]
    public async Task Instances_that_append_at_the_same_time_make_one_tree()
    {
        var before = await app.SizeAsync();
        var (other, client) = await app.StartAnotherAsync(Roles.Auditor);
        using (client)
        {
            var logs = new[] { app.Get<AuditLog>(), (AuditLog)other.Services.GetService(typeof(AuditLog))! };
            await Task.WhenAll(Enumerable.Range(0, 600).Select(i => logs[i % 2].AppendAsync(
                new Told(new RetentionRulesChanged { Version = i, Rules = [] }, Guid.NewGuid(), "elsewhere", null, null), CancellationToken.None)));
        }

        await other.DisposeAsync();

        Assert.Equal(before + 600, await app.SizeAsync());
        var found = await app.GetAsync("/audit/verify", Roles.Auditor);
        Assert.Null(found["firstWrong"]);
        Assert.True(found["rootMatches"]!.GetValue<bool>());
    }

    [ContractFact]
    public async Task A_restart_goes_on_with_the_same_tree()
    {
        var before = await app.ReadAsync<Checkpoint>("/audit/checkpoint");
        await app.RestartAsync();
        await app.HappenAsync(3);

        var proof = await app.ReadAsync<ConsistencyProof>($"/audit/consistency?from={before.Size}");
        Assert.Equal((before.RootHash, before.Size + 3), (proof.FromRootHash, proof.To));
        Assert.True(proof.IsRight());
    }

    [ContractFact]
    public async Task Another_party_gets_each_checkpoint_and_an_export_agrees_with_all_of_them()
    {
        await app.HappenAsync(1);
        var first = await app.CheckpointAsync();
        await app.HappenAsync(10);
        var second = await app.CheckpointAsync();

        var keys = app.Get<TrustedKeys>();
        Assert.True(first.IsSigned(keys.Find) && second.IsSigned(keys.Find));
        Assert.Equal((first.Size + 10, "personalization/audit/ru"), (second.Size, second.Origin));
        await Eventually.Is("both are posted too", () => Task.FromResult(app.Posted), posted => posted.Contains(first) && posted.Contains(second), ServiceApp.Soon);
        Assert.Equal(second, (await app.GetAsync("/audit/checkpoints", Roles.Auditor))["items"]!.AsArray()[^1].Deserialize<Checkpoint>(Json.Options));

        using var auditor = app.As(Roles.Auditor);
        var export = await auditor.GetByteArrayAsync(new Uri("/audit/export", UriKind.Relative));
        var report = await Export.VerifyAsync(keys, export, [second, first]);
        Assert.Equal(new AuditReport(second.Size, 2, null), report);
        Assert.Equal(-1, export.AsSpan().IndexOf(Encoding.UTF8.GetBytes("\"s1_")));
    }

    [ContractFact]
    public async Task Another_party_that_is_busy_is_asked_again_and_one_that_refuses_is_told_of()
    {
        using var counts = new Counts(app.Module("audit").Meter);
        IEnumerable<string> Outcomes() => counts.Of("personalization.audit.checkpoints").Select(tags => (string)tags["outcome"]!);

        await app.HappenAsync(1);
        app.Answer(HttpStatusCode.ServiceUnavailable, times: 2);
        var late = await app.CheckpointAsync();
        await Eventually.Is("it is taken at last", () => Task.FromResult(app.Posted), posted => posted.Contains(late), ServiceApp.Soon);
        Assert.DoesNotContain("undelivered", Outcomes());

        await app.HappenAsync(1);
        app.Answer(HttpStatusCode.Forbidden, times: 1);
        var refused = await app.CheckpointAsync();
        await Eventually.Is("it is told of", () => Task.FromResult(Outcomes()), outcomes => outcomes.Contains("undelivered"), ServiceApp.Soon);
        Assert.DoesNotContain(refused, app.Posted);
    }

    [ContractFact]
    public async Task A_checkpoint_that_a_crash_cut_off_hides_no_other_and_stops_none()
    {
        await app.HappenAsync(1);
        var last = await app.CheckpointAsync();
        await File.AppendAllTextAsync(app.CheckpointFile, """{"origin":"personalization/audit/ru","size":1""");
        await app.RestartAsync();

        await app.HappenAsync(1);
        Assert.Equal(last.Size + 1, (await app.CheckpointAsync()).Size);
        Assert.Contains(last, app.Delivered);
    }

    [ContractFact]
    public async Task A_log_that_was_rewritten_or_rolled_back_is_not_signed_any_more()
    {
        await app.HappenAsync(1);
        var last = await app.CheckpointAsync();
        var honest = await app.Module("audit").OpenSession().LoadAsync<AuditHead>(AuditHead.Only, CancellationToken.None);

        // Whoever writes to the store can make everything in it agree, the kept checkpoint too; not what lies elsewhere.
        await OverwriteAsync(AuditHead.Empty);
        using var counts = new Counts(app.Module("audit").Meter);
        await app.AdvanceAsync(TimeSpan.FromSeconds(5));
        await Eventually.Is(
            "it is noticed", () => Task.FromResult(counts.Of("personalization.audit.checkpoints")), told => told.Any(tags => tags["outcome"] is "rewritten"), ServiceApp.Soon);
        Assert.Equal(last, app.Delivered[^1]);
        foreach (var path in new[] { "/audit/checkpoint", "/audit/export" })
        {
            var refused = await app.SendAsync(HttpMethod.Get, path, null, Roles.Auditor);
            Assert.Equal((HttpStatusCode.Conflict, "audit-log-rewritten"), (refused.Status, refused.Problem));
        }

        await OverwriteAsync(honest!);
        await app.HappenAsync(1);
        Assert.Equal(last.Size + 1, (await app.CheckpointAsync()).Size);

        async Task OverwriteAsync(AuditHead head)
        {
            var session = app.Module("audit").OpenSession();
            await session.LoadAsync<AuditHead>(AuditHead.Only, CancellationToken.None);
            await session.LoadAsync<KeptCheckpoint>(KeptCheckpoint.Latest, CancellationToken.None);
            session.Store(head);
            session.Delete<KeptCheckpoint>(KeptCheckpoint.Latest);
            await session.CommitAsync(CancellationToken.None);
        }
    }
}

public sealed class AuditLogOnSqliteTests(SqliteAuditApp app) : AuditLogContract<SqliteAuditApp>(app), IClassFixture<SqliteAuditApp>;

[RequiresMongo]
public sealed class AuditLogOnMongoTests(MongoAuditApp app) : AuditLogContract<MongoAuditApp>(app), IClassFixture<MongoAuditApp>;
