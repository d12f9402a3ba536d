using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Personalization.Contracts.Audit;
using Personalization.Platform.Http;
using Personalization.Platform.Messaging;
using Personalization.Platform.Privacy;
using Personalization.Platform.Security;
using Personalization.Platform.Storage;
using Personalization.Platform.Telemetry;

namespace Personalization.Platform;

/// <summary>A service as the host runs it: its own store, key store and identity. Several of them can share a process, never a store.</summary>
public sealed class ServiceModule
{
    private readonly IDocumentStore keyStore;
    private readonly IKeyEncryption encryption;
    private volatile bool hasReplayedErasures;
    private readonly Func<IServiceProvider, IConsentListener>? consentListener;
    private readonly Func<IServiceProvider, IErasureParticipant>? erasureParticipant;
    private readonly Func<IServiceProvider, IDataMapCompletion>? dataMapCompletion;

    internal ServiceModule(ModuleBuilder builder, IDocumentStore store, IDocumentStore keyStore, IKeyEncryption encryption, MessageSigner signer, TimeProvider time)
    {
        Name = builder.Name;
        (this.keyStore, this.encryption) = (keyStore, encryption);
        Keys = new SubjectKeys(keyStore, encryption, time);
        Documents = builder.Documents;
        Messages = builder.Messages;
        Outbox = new Outbox(builder.Messages, time);
        Signer = signer;
        Lease = new ConsentLease(time);
        consentListener = builder.ConsentListener;
        erasureParticipant = builder.ErasureParticipant;
        dataMapCompletion = builder.DataMapCompletion;
        var source = $"Personalization.{builder.DisplayName}";
        ActivitySource = new ActivitySource(source);
        Meter = new Meter(source);
        Figures = new OwnFigures(Meter);
        Telemetry = new ModuleTelemetry(Meter, Name, builder.Consumers.Select(consumer => consumer.Queue), FollowsConsent ? Lease : null);
        Store = new MeasuredStore(store, Telemetry);
    }

    internal const string DataStoreName = "data";
    internal const string KeyStoreName = "keys";

    /// <summary>Lower case, as the deployment's lists name it.</summary>
    public string Name { get; }

    /// <summary>The service's data.</summary>
    public IDocumentStore Store { get; }

    /// <summary>The service's data keys.</summary>
    public SubjectKeys Keys { get; }

    /// <summary>The service's document types.</summary>
    public DocumentMap Documents { get; }

    /// <summary>Signs what the service says.</summary>
    public MessageSigner Signer { get; }

    /// <summary>Whether this instance may rely on its gates. Only runs in modules that follow the consent stream.</summary>
    public ConsentLease Lease { get; }

    /// <summary>Spans of the service.</summary>
    public ActivitySource ActivitySource { get; }

    /// <summary>Metrics of the service.</summary>
    public Meter Meter { get; }

    /// <summary>Whether it follows the consent stream.</summary>
    public bool FollowsConsent => consentListener is not null;

    /// <summary>Whether nothing is left in its stores that was erased before it started; a participant in erasures isn't ready until then.</summary>
    public bool HasReplayedErasures
    {
        get => erasureParticipant is null || hasReplayedErasures;
        internal set => hasReplayedErasures = value;
    }

    internal MessageTypes Messages { get; }

    internal ModuleTelemetry Telemetry { get; }

    /// <summary>What its instruments say, for whoever runs it.</summary>
    internal OwnFigures Figures { get; }

    internal Outbox Outbox { get; }

    /// <summary>A unit of work of its own, for work that neither a request nor a message started.</summary>
    public DocumentSession OpenSession() => new(Store, Documents, Keys, Outbox);

    /// <summary>Closes what it opened; its store is the container's. Not a Dispose: scopes hand the module out, and would dispose of it.</summary>
    internal async ValueTask CloseAsync()
    {
        await keyStore.DisposeAsync();
        (encryption as IDisposable)?.Dispose();
        Signer.Dispose();
        ActivitySource.Dispose();
        Figures.Dispose();
        Meter.Dispose();
    }

    internal IConsentListener ConsentListener(IServiceProvider scope) =>
        consentListener?.Invoke(scope) ?? throw new InvalidOperationException($"{Name} does not follow the consent stream.");

    internal IErasureParticipant ErasureParticipant(IServiceProvider scope) =>
        erasureParticipant?.Invoke(scope) ?? throw new InvalidOperationException($"{Name} takes no part in erasures.");

    // Waiting messages are sealed only where one of them holds more than a pseudonym.
    private bool IsSealed(DocumentType type) => type.ClrType == typeof(OutboxEntry)
        ? Messages.All.Any(message => Messages.Published(message).SealedFor is not null) : type.ClrType.IsAssignableTo(typeof(ISubjectDocument));

    internal bool HasField(string collection, string field) => Documents.All.Any(type => type.Collection == collection && type.Fields.Any(declared => declared.Name == field));

    /// <summary>The map filled in with what the code declares, then with what the service knows besides.</summary>
    internal async Task<DataMapAnnounced> DescribeAsync(DataMapAnnounced map, IServiceProvider services, DocumentSession session, CancellationToken cancellationToken)
    {
        map = map with
        {
            Collections =
            [
                .. Documents.All.OrderBy(type => type.Collection, StringComparer.Ordinal).Select(type => new DataMapEntry
                {
                    Name = type.Collection, Store = DataStoreName, Encryption = IsSealed(type) ? "sealed" : "clear", Contents = type.Contents with { ReadBy = Readers.Of(type.Contents.ReadBy, services) },
                }),
                new DataMapEntry { Name = SubjectKeys.Schema.Name, Store = KeyStoreName, Encryption = "wrapped", Contents = PlatformDataMap.DataKeys },
                new DataMapEntry { Name = SubjectKeys.PositionSchema.Name, Store = KeyStoreName, Encryption = "clear", Contents = PlatformDataMap.KeyPositions },
            ],
        };
        return dataMapCompletion is null ? map : await dataMapCompletion(services).CompleteAsync(map, session, cancellationToken);
    }

    /// <exception cref="StoreUnusableException">A store can't be used, or holds what nobody declares.</exception>
    internal async Task InitializeAsync(IReadOnlyCollection<string> tolerated, CancellationToken cancellationToken)
    {
        await Store.InitializeAsync([.. Documents.All.Select(type => type.Schema)], cancellationToken);
        await Keys.InitializeAsync(cancellationToken);
        Refuse(DataStoreName, (await Store.CountCollectionsAsync(cancellationToken)).Keys.Except(Documents.All.Select(type => type.Collection)));
        Refuse(KeyStoreName, (await Keys.CountCollectionsAsync(cancellationToken)).Keys.Except([SubjectKeys.Schema.Name, SubjectKeys.PositionSchema.Name]));

        void Refuse(string store, IEnumerable<string> found)
        {
            // What no code declares, no erasure reaches and no map shows.
            var unclaimed = found.Except(tolerated).Order(StringComparer.Ordinal).ToArray();
            if (unclaimed.Length > 0)
                throw new StoreUnusableException(
                    $"The {store} store of {Name} holds collections that the service doesn't declare: {string.Join(", ", unclaimed)}. Remove them, or name them in Deployment:UnclaimedCollections if a newer version of the service made them.");
        }
    }
}

/// <summary>The modules of this process that have a store.</summary>
public sealed record ServiceModules(IReadOnlyList<ServiceModule> All) : IAsyncDisposable
{
    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var module in All) await module.CloseAsync();
    }
}

/// <summary>Which module a scope (a request, a message) belongs to; set by the edge before anything is resolved.</summary>
public sealed class CurrentModule(ServiceModules modules)
{
    /// <summary>The module's name.</summary>
    public string? Name { get; set; }

    /// <summary>The module.</summary>
    public ServiceModule Value => modules.All.FirstOrDefault(module => module.Name == Name)
        ?? throw new InvalidOperationException("The scope belongs to no module.");
}
