using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Personalization.Platform;
using Personalization.Platform.Storage;
using Personalization.Profile;

namespace Personalization.Torture;

/// <summary>
/// Profile as it is deployed, which ends as by kill -9 at the next place named on its standard input: what it does with its store from an
/// event's receipt to the last trace of the messages that follow from it, and from the command to erase to the last trace of its receipt.
/// </summary>
internal static class FailingProfile
{
    public static async Task<int> RunAsync(string[] settings)
    {
        var failpoint = new Failpoint();
        await using var app = ServiceHost.Create(settings, [new ProfileModule()], replace: services =>
        {
            var original = services.Single(service => service.ServiceType == typeof(IDocumentStore) && service.ServiceKey is "profile");
            services.Remove(original);
            services.AddKeyedSingleton("profile", (provider, key) =>
                (IDocumentStore)new FailingStore((IDocumentStore)original.KeyedImplementationFactory!(provider, key), failpoint));
        });
        _ = Task.Run(async () =>
        {
            while (await Console.In.ReadLineAsync() is { } place) failpoint.Armed = place;
        });
        await app.RunAsync();
        return 0;
    }

    private sealed class Failpoint
    {
        private volatile string? armed;

        public string? Armed
        {
            set => armed = value;
        }

        public void Reach(string place)
        {
            if (armed != place) return;
            using var self = Process.GetCurrentProcess();
            self.Kill();

            // The signal is on its way; nothing may happen until it is here.
            Thread.Sleep(Timeout.Infinite);
        }
    }

    private sealed class FailingStore(IDocumentStore inner, Failpoint failpoint) : IDocumentStore
    {
        private const string Data = "profile_data";
        private const string Outbox = "outbox_entries";
        private const string Records = "erasure_records";

        public async Task<IReadOnlyList<StoredDocument>> ReadAsync(IReadOnlyCollection<DocumentKey> keys, CancellationToken cancellationToken)
        {
            var isOfEvents = keys.Any(key => key.Collection == Data);
            if (isOfEvents) failpoint.Reach("received");
            var read = await inner.ReadAsync(keys, cancellationToken);
            if (isOfEvents) failpoint.Reach("read");
            return read;
        }

        public Task<(IReadOnlyList<StoredDocument> Documents, IReadOnlyList<StoredDocument> Found)> ReadAsync(
            IReadOnlyCollection<DocumentKey> keys, IReadOnlyDictionary<DocumentKey, long> held, DocumentQuery query, CancellationToken cancellationToken) => inner.ReadAsync(keys, held, query, cancellationToken);

        public IAsyncEnumerable<StoredDocument> ReadAllAsync(IReadOnlyList<string> first, CancellationToken cancellationToken) => inner.ReadAllAsync(first, cancellationToken);

        public Task DropAsync(string collection, CancellationToken cancellationToken) => inner.DropAsync(collection, cancellationToken);

        public async Task WriteAsync(IReadOnlyCollection<DocumentWrite> writes, CancellationToken cancellationToken)
        {
            if (writes.Any(write => write.Kind == WriteKind.Put && write.Key.Collection == Data))
            {
                failpoint.Reach("decided");
                var writing = inner.WriteAsync(writes, cancellationToken);
                failpoint.Reach("writing");
                await writing;
                failpoint.Reach("committed");
            }
            else if (writes.Any(write => write.Kind == WriteKind.Delete && write.Key.Collection == Data))
            {
                failpoint.Reach("erasing");
                await inner.WriteAsync(writes, cancellationToken);
                failpoint.Reach("erased");
            }
            else if (writes.Any(write => write.Kind == WriteKind.Put && write.Key.Collection == Records))
            {
                failpoint.Reach("recording");
                await inner.WriteAsync(writes, cancellationToken);
                failpoint.Reach("recorded");
            }
            else if (writes.Any(write => write.Kind == WriteKind.Put && write.Key.Collection == Outbox))
            {
                failpoint.Reach("answering");
                await inner.WriteAsync(writes, cancellationToken);
                failpoint.Reach("answered");
            }
            else if (writes.Any(write => write.Kind == WriteKind.Delete && write.Key.Collection == Outbox))
            {
                failpoint.Reach("published");
                await inner.WriteAsync(writes, cancellationToken);
                failpoint.Reach("forgotten");
            }
            else
            {
                await inner.WriteAsync(writes, cancellationToken);
            }
        }

        public Task InitializeAsync(IReadOnlyCollection<CollectionSchema> collections, CancellationToken cancellationToken) =>
            inner.InitializeAsync(collections, cancellationToken);

        public Task<IReadOnlyList<StoredDocument>> QueryAsync(DocumentQuery query, CancellationToken cancellationToken) => inner.QueryAsync(query, cancellationToken);

        public Task<long> CountAsync(DocumentQuery query, CancellationToken cancellationToken) => inner.CountAsync(query, cancellationToken);

        public Task<IReadOnlyDictionary<string, long>> CountCollectionsAsync(CancellationToken cancellationToken) => inner.CountCollectionsAsync(cancellationToken);

        public Task ScrubAsync(CancellationToken cancellationToken)
        {
            // The epoch's key is destroyed, and nobody has been answered.
            failpoint.Reach("destroyed");
            return inner.ScrubAsync(cancellationToken);
        }

        public Task PingAsync(CancellationToken cancellationToken) => inner.PingAsync(cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
