using System.Buffers.Text;
using System.Security.Cryptography;
using Personalization.Platform;
using Personalization.Platform.Messaging;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Benchmarks.Systems;

/// <summary>What Profile stores of an event, by size.</summary>
/// <param name="Body">Bytes of the sealed body.</param>
public sealed record StoredSize(int Body)
{
    /// <summary>The mean of what is stored.</summary>
    public static async Task<StoredSize> OfAsync(ServiceModule profile, CancellationToken cancellationToken)
    {
        var stored = await profile.Store.QueryAsync(new DocumentQuery("profile_data", "subject", Limit: 1000), cancellationToken);
        return new StoredSize((int)stored.Average(document => document.Body.Length));
    }
}

/// <summary>
/// Commits as many bytes an event as Profile does, under ids and declared fields of the same form, with the same store and the same batching.
/// It reads nothing, decides nothing, encrypts nothing and publishes nothing.
/// </summary>
internal sealed class BareStore : IAsyncDisposable
{
    private const string Collection = "stored_events";
    private readonly IDocumentStore store;
    private readonly Batcher<byte[], bool> batcher;
    private readonly byte[] body;
    private readonly string[] subjects = [.. Enumerable.Range(0, 1000).Select(_ => "s1_" + Random(20))];
    private readonly string expires = Json.FormatTime(TimeProvider.System.GetUtcNow());
    private int next;

    private BareStore(IDocumentStore store, StoredSize size, int batch)
    {
        this.store = store;
        body = RandomNumberGenerator.GetBytes(size.Body);
        batcher = new Batcher<byte[], bool>(
            async (bodies, cancellationToken) =>
            {
                await StoreAsync(bodies.Count, cancellationToken);
                return new bool[bodies.Count];
            },
            batch);
    }

    /// <summary>Told after each commit.</summary>
    public Arrivals Arrivals { get; } = new();

    public static async Task<BareStore> OpenAsync(string connectionString, StoredSize size, int batch, CancellationToken cancellationToken)
    {
        var store = new BareStore(DocumentStores.Open(connectionString), size, batch);
        await store.store.InitializeAsync([new CollectionSchema(Collection, ["subject", "expires"])], cancellationToken);
        return store;
    }

    /// <summary>Returns when one more is durable, committed with those that wait at the same time.</summary>
    public Task StoreOneAsync(CancellationToken cancellationToken) => batcher.HandleAsync(body, cancellationToken);

    /// <summary>Returns when so many more are durable, in one write.</summary>
    public async Task StoreAsync(int count, CancellationToken cancellationToken)
    {
        await store.WriteAsync([.. Enumerable.Range(0, count).Select(_ => Write())], cancellationToken);
        Arrivals.Add(count);
    }

    public async ValueTask DisposeAsync()
    {
        await batcher.DisposeAsync();
        await store.DisposeAsync();
    }

    private DocumentWrite Write()
    {
        var (subject, datum) = (subjects[(uint)Interlocked.Increment(ref next) % subjects.Length], Random(20));
        var fields = new Dictionary<string, string> { ["subject"] = SubjectIndex.Of(subject, 1, datum), ["expires"] = expires };
        return DocumentWrite.Put(new DocumentKey(Collection, $"{subject}/{datum}"), 0, body, isSealed: true, fields);
    }

    private static string Random(int bytes) => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(bytes));
}
