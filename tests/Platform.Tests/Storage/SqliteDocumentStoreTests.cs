using System.Text;
using Microsoft.Data.Sqlite;
using Personalization.Platform.Storage;
using Xunit;

namespace Personalization.Platform.Tests.Storage;

public sealed class SqliteDocumentStoreTests : DocumentStoreContract
{
    private readonly string _folder = Directory.CreateTempSubdirectory("store-").FullName;

    private string File => ConnectionString["sqlite:".Length..];

    protected override Task<string> NewStoreAsync() => Task.FromResult($"sqlite:{Path.Combine(_folder, "made", $"{Guid.NewGuid():N}.db")}");

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Erased_text_is_in_no_file_after_a_scrub()
    {
        await Store.WriteAsync([Put(Thing("erased-id"), 0, "\"erased-body\"", ("due", "erased-field")), Put(Thing("kept"), 0, "\"kept-body\"")], None);
        await Store.WriteAsync([Put(Thing("erased-id"), 1, $"\"erased-body {new string('x', 20_000)} erased-end\"", ("due", "erased-field"))], None);
        Assert.True(FilesHold("erased-body"));

        await Store.WriteAsync([DocumentWrite.Delete(Thing("erased-id"), 2)], None);
        await Store.ScrubAsync(None);

        Assert.False(FilesHold("erased-"));
        Assert.True(FilesHold("kept-body"));
    }

    [Fact]
    public async Task Erased_text_is_in_no_file_though_pages_were_split_and_merged()
    {
        // Documents that grow, shrink and move between pages; each version's text is unlike any other's.
        var random = new Random(3);
        var versions = new Dictionary<string, long>();
        string Text(string id, long version) => $"\"erased-{id}-{version}-{new string('x', random.Next(10, 3000))}\"";
        for (int step = 0; step < 120; step++)
        {
            var unit = new Dictionary<string, DocumentWrite>();
            for (int i = 0; i < 20; i++)
            {
                string id = $"{random.Next(400):000}";
                long version = versions.GetValueOrDefault(id);
                unit.TryAdd(id, version > 0 && random.Next(3) == 0
                    ? DocumentWrite.Delete(Thing(id), version)
                    : Put(Thing(id), version, Text(id, version), ("due", $"erased-{random.Next(1000)}")));
            }
            await Store.WriteAsync([.. unit.Values], None);
            foreach ((string id, DocumentWrite write) in unit)
                versions[id] = write.Kind == WriteKind.Delete ? 0 : versions.GetValueOrDefault(id) + 1;
        }
        await Store.WriteAsync([.. versions.Where(v => v.Value > 0).Select(v => DocumentWrite.Delete(Thing(v.Key), v.Value))], None);
        await Store.ScrubAsync(None);

        Assert.False(FilesHold("erased-"));
    }

    [Fact]
    public async Task A_conflicting_unit_of_a_group_fails_alone()
    {
        await Store.WriteAsync([Put(Thing("taken"), 0)], None);

        Task[] units = await WhileLockedAsync(() => Enumerable.Range(0, 10).Select(i => Store.WriteAsync(
            i == 5 ? [Put(Thing("5"), 0), Put(Thing("taken"), 0)] : [Put(Thing($"{i}"), 0), Put(Other($"{i}"), 0)], None)));

        var conflict = await Assert.ThrowsAsync<DocumentConflictException>(() => units[5]);
        Assert.Equal([Thing("taken")], conflict.Conflicts);
        await Task.WhenAll(units.Where((_, i) => i != 5));
        Assert.Null(await ReadAsync(Thing("5")));
        Assert.Equal(18, (await Store.ReadAsync([.. Enumerable.Range(0, 10).SelectMany(i => new[] { Thing($"{i}"), Other($"{i}") })], None)).Count);
    }

    [Fact]
    public async Task A_transaction_that_fails_faults_every_unit_in_it_and_the_next_one_works()
    {
        // As a full disk does: SQLite rolls the whole transaction back.
        Execute("CREATE TRIGGER full BEFORE INSERT ON things WHEN NEW.id = 'last' BEGIN SELECT RAISE(ROLLBACK, 'full'); END");

        Task[] units = await WhileLockedAsync(() => new[] { "first", "second", "last" }.Select(id => Store.WriteAsync([Put(Thing(id), 0)], None)));

        var original = await Assert.ThrowsAsync<SqliteException>(() => units[2]);
        Assert.Same(original, await Assert.ThrowsAsync<SqliteException>(() => units[0]));
        Assert.Same(original, await Assert.ThrowsAsync<SqliteException>(() => units[1]));
        await Store.WriteAsync([Put(Thing("first"), 0)], None);
        Assert.Equal(["first"], (await Store.ReadAsync([Thing("first"), Thing("second"), Thing("last")], None)).Select(d => d.Key.Id));
    }

    [Fact]
    public async Task Disposal_finishes_the_writes_that_wait()
    {
        Task? disposal = null;
        Task[] units = await WhileLockedAsync(() =>
        {
            Task[] waiting = [.. Enumerable.Range(0, 50).Select(i => Store.WriteAsync([Put(Thing($"{i}"), 0)], None))];
            disposal = Store.DisposeAsync().AsTask();
            return waiting;
        });
        await disposal!;

        Assert.All(units, unit => Assert.True(unit.IsCompletedSuccessfully));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Store.WriteAsync([Put(Thing("late"), 0)], None));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Store.ReadAsync([Thing("1")], None));
        await using IDocumentStore reopened = await OpenAsync();
        Assert.Equal(50, (await reopened.ReadAsync([.. Enumerable.Range(0, 50).Select(i => Thing($"{i}"))], None)).Count);
    }

    [Fact]
    public async Task A_write_that_is_cancelled_while_it_waits_is_not_applied()
    {
        using var cancelled = new CancellationTokenSource();

        Task[] units = await WhileLockedAsync(() =>
        {
            Task[] waiting = [Store.WriteAsync([Put(Thing("first"), 0)], None), Store.WriteAsync([Put(Thing("second"), 0)], cancelled.Token)];
            cancelled.Cancel();
            return waiting;
        });

        await units[0];
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => units[1]);
        Assert.Null(await ReadAsync(Thing("second")));
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused()
    {
        string path = Path.Combine(_folder, "text.db");
        await System.IO.File.WriteAllTextAsync(path, new string('x', 5000));
        await using var store = new SqliteDocumentStore(path);

        await Assert.ThrowsAsync<StoreUnusableException>(() => store.InitializeAsync([new("things", [])], None));
    }

    /// <summary>Starts writes while another connection holds the file's write lock, so that they make one group.</summary>
    private async Task<Task[]> WhileLockedAsync(Func<IEnumerable<Task>> start)
    {
        await using SqliteConnection other = Connect();
        Execute(other, "BEGIN IMMEDIATE");
        // The writer takes a ping alone, and waits with it for the lock; what comes meanwhile it takes together.
        Task ping = Store.PingAsync(None);
        Task[] units = [.. start()];
        Assert.All(units, unit => Assert.False(unit.IsCompletedSuccessfully));
        Execute(other, "ROLLBACK");
        await ping;
        await Task.WhenAll(units).ContinueWith(static _ => { }, TaskScheduler.Default);
        return units;
    }

    private bool FilesHold(string text)
    {
        byte[] wanted = Encoding.UTF8.GetBytes(text);
        return Directory.EnumerateFiles(Path.GetDirectoryName(File)!).Any(path =>
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var content = new byte[file.Length];
            file.ReadExactly(content);
            return content.AsSpan().IndexOf(wanted) >= 0;
        });
    }

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = File, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    private void Execute(string sql)
    {
        using SqliteConnection connection = Connect();
        Execute(connection, sql);
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
