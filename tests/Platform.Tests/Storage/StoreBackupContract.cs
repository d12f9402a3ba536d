using System.IO.Compression;
using System.Text;
using Personalization.Platform.Storage;
using Personalization.Testing;
using Xunit;

namespace Personalization.Platform.Tests.Storage;

/// <summary>Copies of a store, whatever it is; each back end runs all of it.</summary>
public abstract class StoreBackupContract
{
    private static readonly CollectionSchema[] Schemas = [new("things", ["due"]), new("erasure_positions", [])];

    private static readonly BackupHeader Header = new("profile", "data", new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    /// <summary>The connection string of a store that nobody has used.</summary>
    protected abstract Task<string> NewStoreAsync();

    [ContractFact]
    public async Task A_copy_put_back_is_what_the_store_held()
    {
        await using var source = await FilledAsync(300);
        var copy = await CopyAsync(source);

        await using var target = await FilledAsync(3, "left over");
        var restored = await StoreBackup.RestoreAsync(target, new MemoryStream(copy), CancellationToken.None);
        await target.InitializeAsync(Schemas, CancellationToken.None);

        Assert.Equal(301, restored);
        Assert.Equal(await AllAsync(source), await AllAsync(target));
        Assert.Equal(["thing 7"], (await target.QueryAsync(new DocumentQuery("things", "due", EqualTo: "7"), CancellationToken.None)).Select(document => document.Key.Id));
        Assert.Equal(["erasure_positions", "things"], (await target.CountCollectionsAsync(CancellationToken.None)).Keys.Order());
    }

    [ContractFact]
    public async Task How_far_erasures_had_come_is_copied_before_what_they_erase()
    {
        await using var source = await FilledAsync(3);

        var lines = await LinesAsync(await CopyAsync(source));

        Assert.Contains("personalization-backup/1", lines[0], StringComparison.Ordinal);
        Assert.Contains("erasure_positions", lines[1], StringComparison.Ordinal);
    }

    [ContractFact]
    public async Task A_copy_that_was_cut_short_or_changed_is_refused()
    {
        await using var source = await FilledAsync(5);
        var lines = await LinesAsync(await CopyAsync(source));

        await RefusedAsync(lines[..^1], "ends before");
        await RefusedAsync([.. lines[..2], .. lines[3..]], "missing");
        await RefusedAsync([.. lines[..^1].Select(line => line.Replace("thing 3", "thing 8", StringComparison.Ordinal)), lines[^1]], "missing");
        await RefusedAsync([.. lines, lines[1]], "goes on");
        await RefusedAsync([lines[0].Replace("backup/1", "backup/0", StringComparison.Ordinal), .. lines[1..]], "form");
        await Assert.ThrowsAsync<BackupUnusableException>(async () => await StoreBackup.CheckAsync(new MemoryStream(Encoding.UTF8.GetBytes("no gzip")), CancellationToken.None));
    }

    [ContractFact]
    public async Task A_restore_that_was_broken_off_leaves_its_mark()
    {
        await using var source = await FilledAsync(5);
        var lines = await LinesAsync(await CopyAsync(source));

        await using var target = await FilledAsync(1);
        await Assert.ThrowsAsync<BackupUnusableException>(async () => await StoreBackup.RestoreAsync(target, new MemoryStream(Zipped(lines[..^1])), CancellationToken.None));

        Assert.Contains(StoreBackup.Unfinished, (await target.CountCollectionsAsync(CancellationToken.None)).Keys);
    }

    private static async Task RefusedAsync(IEnumerable<string> lines, string reason)
    {
        var refused = await Assert.ThrowsAsync<BackupUnusableException>(async () => await StoreBackup.CheckAsync(new MemoryStream(Zipped(lines)), CancellationToken.None));
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    private static byte[] Zipped(IEnumerable<string> lines)
    {
        using var zipped = new MemoryStream();
        using (var gzip = new GZipStream(zipped, CompressionLevel.Fastest)) gzip.Write(Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + '\n'))));
        return zipped.ToArray();
    }

    private static async Task<string[]> LinesAsync(byte[] copy)
    {
        using var reader = new StreamReader(new GZipStream(new MemoryStream(copy), CompressionMode.Decompress));
        return (await reader.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static async Task<byte[]> CopyAsync(IDocumentStore store)
    {
        using var copy = new MemoryStream();
        await StoreBackup.WriteAsync(store, Header, copy, CancellationToken.None);
        Assert.Equal(Header, await StoreBackup.CheckAsync(new MemoryStream(copy.ToArray()), CancellationToken.None));
        return copy.ToArray();
    }

    private static async Task<IReadOnlyList<string>> AllAsync(IDocumentStore store)
    {
        var all = new List<string>();
        await foreach (var document in store.ReadAllAsync([], CancellationToken.None))
            all.Add($"{document.Key.Collection}/{document.Key.Id} {document.IsSealed} {Convert.ToHexString(document.Body.Span)} {string.Join(',', document.Fields.Select(field => $"{field.Key}={field.Value}"))}");
        return [.. all.Order(StringComparer.Ordinal)];
    }

    private async Task<IDocumentStore> FilledAsync(int things, string prefix = "thing")
    {
        var store = DocumentStores.Open(await NewStoreAsync());
        await store.InitializeAsync(Schemas, CancellationToken.None);
        await store.WriteAsync(
            [
                .. Enumerable.Range(0, things).Select(number => DocumentWrite.Put(
                    new DocumentKey("things", $"{prefix} {number}"), 0, number % 2 == 0 ? [0, 1, 0xff] : Encoding.UTF8.GetBytes("""{"n":"ё"}"""), isSealed: number % 2 == 0,
                    number % 3 == 0 ? new Dictionary<string, string>() : new() { ["due"] = $"{number}" })),
                DocumentWrite.Put(new DocumentKey("erasure_positions", "erasures"), 0, Encoding.UTF8.GetBytes("{}"), isSealed: false, new Dictionary<string, string>()),
            ],
            CancellationToken.None);
        return store;
    }
}

public sealed class SqliteStoreBackupTests : StoreBackupContract, IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("backup-").FullName;
    private int stores;

    public void Dispose() => Directory.Delete(directory, recursive: true);

    protected override Task<string> NewStoreAsync() => Task.FromResult($"sqlite:{Path.Combine(directory, $"{stores++}.db")}");
}

[RequiresMongo]
public sealed class MongoStoreBackupTests : StoreBackupContract
{
    protected override Task<string> NewStoreAsync() => MongoServer.NewDatabaseAsync();
}
