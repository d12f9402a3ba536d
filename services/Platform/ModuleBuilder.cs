using System.ComponentModel.DataAnnotations;
using MassTransit;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Personalization.Contracts.Audit;
using Personalization.Platform.Http;
using Personalization.Platform.Messaging;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Platform;

/// <summary>A service's table of contents: documents, messages, features and consumers, by name.</summary>
public interface IModule
{
    /// <summary>The service's name, <c>Consent</c> for example; in lower case it is the name in the deployment's lists.</summary>
    string Name { get; }

    /// <summary>Lists what the service is made of.</summary>
    void Configure(ModuleBuilder module);
}

/// <summary>Collects what a module lists; <see cref="ServiceHost"/> builds it.</summary>
public sealed class ModuleBuilder
{
    private readonly List<Action<IServiceCollection, IConfiguration>> registrations = [];
    private readonly List<Action<IEndpointRouteBuilder>> endpoints = [];
    private readonly List<ConsumerRegistration> consumers = [];

    internal ModuleBuilder(IModule module)
    {
        (DisplayName, Name) = (module.Name, module.Name.ToLowerInvariant());
        Documents
            .Add<OutboxEntry>(
                "outbox_entries",
                PlatformDataMap.OutboxEntries,
                ("created", entry => Json.FormatTime(entry.CreatedAt)),
                ("subject", entry => entry.SubjectRef is null ? null : SubjectIndex.Of(entry.SubjectRef, entry.Epoch, entry.Id)))
            .Add<InboxEntry>("inbox_entries", PlatformDataMap.InboxEntries, ("received", entry => Json.FormatTime(entry.ReceivedAt)))
            .Add<IdempotentRequest>("idempotent_requests", PlatformDataMap.IdempotentRequests, ("answered", request => Json.FormatTime(request.AnsweredAt)));
        module.Configure(this);
        if (HasStore) Messages.Add<DataMapAnnounced>();
    }

    internal string Name { get; }

    internal string DisplayName { get; }

    internal DocumentMap Documents { get; } = new();

    internal MessageTypes Messages { get; } = new();

    internal IReadOnlyList<ConsumerRegistration> Consumers => consumers;

    internal Func<IServiceProvider, IConsentListener>? ConsentListener { get; private set; }

    internal Func<IServiceProvider, IErasureParticipant>? ErasureParticipant { get; private set; }

    internal Func<IServiceProvider, IDataMapCompletion>? DataMapCompletion { get; private set; }

    internal bool HasStore { get; private set; } = true;

    /// <summary>Binds the service's options from the section of its name and validates them at start.</summary>
    public ModuleBuilder Options<T>()
        where T : class => Services((services, configuration) =>
        services.AddOptions<T>().Bind(configuration.GetSection(DisplayName)).ValidateDataAnnotations().ValidateOnStart());

    /// <summary>A document type, its collection and the fields it can be queried by (see <see cref="DocumentMap.Add{T}"/>).</summary>
    /// <param name="collection">snake_case plural, unique in the system.</param>
    /// <param name="contents">What it holds, for the data map.</param>
    /// <param name="fields">Fields to query by.</param>
    public ModuleBuilder Document<T>(string collection, CollectionContents contents, params (string Name, Func<T, string?> Value)[] fields)
        where T : class, IDocument
    {
        Documents.Add(collection, contents, fields);
        return this;
    }

    /// <summary>A contract the service publishes.</summary>
    /// <param name="sealedFor">For a message with personal data: whose key seals it while it waits in the outbox.</param>
    public ModuleBuilder Publishes<T>(Func<T, DataKeyId>? sealedFor = null)
        where T : class
    {
        Messages.Add(sealedFor);
        return this;
    }

    /// <summary>A consumer of one message, on a queue of its own named after the class.</summary>
    /// <param name="prefetch">Messages the broker sends ahead; 500 for a consumer that batches.</param>
    /// <param name="exchange">A plain exchange for publishers that send JSON without an envelope.</param>
    /// <param name="unhandled">The <see cref="IUnhandledMessages"/>, a singleton of the module, that keeps what can't be handled; null: it goes to the error queue.</param>
    public ModuleBuilder Consumer<TConsumer, TMessage>(int prefetch = 32, string? exchange = null, Type? unhandled = null)
        where TConsumer : class, IConsumer<TMessage>
        where TMessage : class
    {
        var queue = KebabCaseEndpointNameFormatter.Instance.SanitizeName(NameOf(typeof(TConsumer)));
        consumers.Add(new ConsumerRegistration(typeof(TConsumer), typeof(TMessage), queue, Name, prefetch, exchange, unhandled));
        return this;
    }

    /// <summary>An endpoint file's <c>Map</c>.</summary>
    public ModuleBuilder Endpoint(Action<IEndpointRouteBuilder> map)
    {
        endpoints.Add(map);
        return this;
    }

    /// <summary>Work that runs as long as the service; may take its <see cref="ServiceModule"/> as a constructor argument.</summary>
    public ModuleBuilder Worker<T>()
        where T : class, IHostedService => Singleton<T>().Services((services, _) => services.AddHostedService(provider => provider.GetRequiredService<T>()));

    /// <summary>One instance per process; may take its <see cref="ServiceModule"/> as a constructor argument.</summary>
    public ModuleBuilder Singleton<T>()
        where T : class => Services((services, _) => services.AddSingleton(provider => ActivatorUtilities.CreateInstance<T>(
            provider, [.. ModuleArgument<T>(provider.GetRequiredKeyedService<ServiceModule>(Name))])));

    /// <summary>A client of another service, made over an <see cref="HttpClient"/> that signs its requests as this service.</summary>
    /// <param name="urlSetting">The setting with the other service's address; absent, it is a module of this process.</param>
    public ModuleBuilder Client<T>(string urlSetting)
        where T : class => Services((services, configuration) => services.AddSingleton(provider => ActivatorUtilities.CreateInstance<T>(
            provider, ServiceHost.OtherService(provider, Name, configuration[urlSetting]))));

    /// <summary>A client of another service, made over an <see cref="HttpClient"/> for requests on behalf of whoever calls this one: with their token, never with one of its own.</summary>
    /// <param name="urlSetting">The setting with the other service's address; absent, it is a module of this process.</param>
    public ModuleBuilder CallersClient<T>(string urlSetting)
        where T : class => Services((services, configuration) => services.AddSingleton(provider => ActivatorUtilities.CreateInstance<T>(
            provider, ServiceHost.OtherServiceForCaller(provider, configuration[urlSetting]))));

    /// <summary>Follows the consent stream by bus and by pull; the listener applies each change, and the module has a lease.</summary>
    public ModuleBuilder FollowsConsent<T>()
        where T : class, IConsentListener
    {
        ConsentListener = scope => scope.GetRequiredService<T>();
        return Document<ConsentPosition>("consent_positions", PlatformDataMap.ConsentPositions).Services((services, _) => services.AddScoped<T>());
    }

    /// <summary>Takes part in erasures; <see cref="Erasure"/> can be taken by the consumer of <c>EraseSubject</c>. Isn't ready before what its stores missed is erased.</summary>
    public ModuleBuilder ErasesWith<T>()
        where T : class, IErasureParticipant
    {
        ErasureParticipant = scope => scope.GetRequiredService<T>();
        return Document<ErasureRecord>("erasure_records", PlatformDataMap.ErasureRecords)
            .Document<ErasurePosition>("erasure_positions", PlatformDataMap.ErasurePositions)
            .Publishes<Contracts.Retention.SubjectDataErased>()
            .Services((services, _) => services.AddScoped<T>());
    }

    /// <summary>Takes part in exports; <see cref="SubjectExport"/> can be taken by the consumer of <c>ExportSubject</c>.</summary>
    public ModuleBuilder ExportsWith<T>()
        where T : class, IExportParticipant => Publishes<Contracts.Retention.SubjectDataExported>().Services((services, _) => services.AddScoped<T>());

    /// <summary>This service's own copy of each subject's consent.</summary>
    public ModuleBuilder Gates(string collection, params (string Name, Func<SubjectGate, string?> Value)[] fields) => Document(collection, PlatformDataMap.SubjectGates, fields);

    /// <summary>Shows staff something of people: this service's own copy of the rules they read by.</summary>
    public ModuleBuilder ReadRules(string collection) =>
        Document<ReadRules>(collection, PlatformDataMap.ReadRules).Publishes<Contracts.Profile.PersonalDataRead>().Publishes<Contracts.Profile.StaffReadDecided>();

    /// <summary>Completes the data map with what isn't in the code.</summary>
    public ModuleBuilder CompletesDataMapWith<T>()
        where T : class, IDataMapCompletion
    {
        DataMapCompletion = provider => provider.GetRequiredService<T>();
        return Services((services, _) => services.AddSingleton<T>());
    }

    /// <summary>The service owns no data: it has no store, no outbox and no keys.</summary>
    public ModuleBuilder WithoutStore()
    {
        HasStore = false;
        return this;
    }

    /// <summary>Anything else the service registers.</summary>
    public ModuleBuilder Services(Action<IServiceCollection, IConfiguration> register)
    {
        registrations.Add(register);
        return this;
    }

    internal void Register(IServiceCollection services, IConfiguration configuration)
    {
        foreach (var register in registrations) register(services, configuration);
    }

    internal void Map(IEndpointRouteBuilder routes)
    {
        foreach (var map in endpoints) map(routes);
    }

    private static IEnumerable<object> ModuleArgument<T>(ServiceModule module) =>
        typeof(T).GetConstructors().Any(constructor => constructor.GetParameters().Any(parameter => parameter.ParameterType == typeof(ServiceModule))) ? [module] : [];

    // A generic consumer stands for one consumer per message: its name carries the message's.
    private static string NameOf(Type consumer) => consumer.IsGenericType
        ? consumer.Name[..consumer.Name.IndexOf('`', StringComparison.Ordinal)] + string.Concat(consumer.GetGenericArguments().Select(argument => argument.Name))
        : consumer.Name;
}
