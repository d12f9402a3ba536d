using System.Reflection;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Personalization.Platform.Http;
using Personalization.Platform.Messaging;
using Personalization.Platform.Privacy;
using Personalization.Platform.Security;
using Personalization.Platform.Storage;
using Personalization.Platform.Telemetry;

namespace Personalization.Platform;

/// <summary>Runs one service, or several in one process: the same code, only the configuration differs.</summary>
public static partial class ServiceHost
{
    private const long BodyLimit = 64 * 1024;

    /// <summary>Runs until the process is told to stop. <c>--health</c> instead asks the running instance whether it is ready.</summary>
    /// <returns>The process's exit code.</returns>
    public static async Task<int> RunAsync(string[] args, params IModule[] modules)
    {
        if (args.Contains("--health")) return await HealthProbe.RunAsync();
        await using var app = Create(args, modules);
        try
        {
            app.Services.GetRequiredService<IStartupValidator>().Validate();
        }
        catch (OptionsValidationException wrong)
        {
            // What to set is for the one who starts it; the way through the host is not.
            await Console.Error.WriteLineAsync(string.Join(Environment.NewLine, wrong.Failures));
            return 1;
        }

        try
        {
            await app.RunAsync();
        }
        catch (StoreUnusableException unusable)
        {
            await Console.Error.WriteLineAsync(unusable.Message);
            return 1;
        }

        return 0;
    }

    /// <summary>Composes the application without starting it.</summary>
    /// <param name="args">Command-line configuration.</param>
    /// <param name="modules">The services.</param>
    /// <param name="configure">Further configuration.</param>
    /// <param name="replace">The last word on what is registered: how tests observe and disturb.</param>
    public static WebApplication Create(
        string[] args, IReadOnlyList<IModule> modules, Action<WebApplicationBuilder>? configure = null, Action<IServiceCollection>? replace = null)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = BodyLimit;
        });
        builder.WebHost.UseKestrelHttpsConfiguration();

        // Defaults of the one-process server; a deployment overrides them by environment and by files, one file a setting.
        var defaults = new Dictionary<string, string?>
        {
            ["Data:Directory"] = ".data",
            ["Logging:LogLevel:Default"] = "Information",
            ["Logging:LogLevel:Microsoft.AspNetCore"] = "Warning",
            ["Logging:LogLevel:MassTransit"] = "Warning",

            // It warns of each message that is tried again, with a stack trace: two that change the same document at once are no trouble. What fails in the end is an error.
            ["Logging:LogLevel:MassTransit.ReceiveTransport"] = "Error",
            ["Subjects:Region"] = "ru",
            ["Deployment:ServingServices:0"] = "profile",
            ["Deployment:ServingServices:1"] = "recommendation",
            ["Deployment:Participants:0"] = "audit",
            ["Deployment:Participants:1"] = "consent",
            ["Deployment:Participants:2"] = "profile",
            ["Deployment:Participants:3"] = "recommendation",
        };
        builder.Configuration.Sources.Insert(0, new Microsoft.Extensions.Configuration.Memory.MemoryConfigurationSource { InitialData = defaults });
        var keysDirectory = builder.Configuration["Keys:Directory"];
        if (keysDirectory is not null)
        {
            foreach (var module in modules)
                builder.Configuration.AddKeyPerFile(Path.Combine(Path.GetFullPath(keysDirectory), module.Name.ToLowerInvariant(), "settings"), optional: true);
        }

        configure?.Invoke(builder);
        var configuration = builder.Configuration;
        var services = builder.Services;
        var builders = modules.Select(module => new ModuleBuilder(module)).ToArray();

        // Without a place for keys this is the one-process server: it makes its own.
        var dataDirectory = Path.GetFullPath(configuration["Data:Directory"]!);
        keysDirectory = configuration["Keys:Directory"] is { } configured ? Path.GetFullPath(configured) : Path.Combine(dataDirectory, "keys");
        if (configuration["Keys:Directory"] is null) Provisioning.EnsureKeys(keysDirectory, [.. builders.Select(module => module.Name)]);

        services.TryAddSingleton(TimeProvider.System);
        var trust = new ServerTrust(keysDirectory);
        services.AddSingleton(trust);
        services.AddSingleton(new TrustedKeys(Path.Combine(keysDirectory, "shared", "trust.json")));
        services.AddSingleton(provider => new MessageVerifier(provider.GetRequiredService<TrustedKeys>().Find));
        services.AddSingleton(new SubjectRefs(Path.Combine(keysDirectory, "shared", "subject-ref-1.key"), configuration["Subjects:Region"]!));
        services.AddOptions<KeyEncryptionOptions>().Bind(configuration.GetSection("KeyEncryption")).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IValidateOptions<DeploymentOptions>, OwnCredentials>();
        services.AddOptions<DeploymentOptions>().Bind(configuration.GetSection("Deployment")).ValidateDataAnnotations().ValidateOnStart();

        services.AddSingleton(provider => new ServiceModules(
            [.. builders.Where(module => module.HasStore).Select(module => provider.GetRequiredKeyedService<ServiceModule>(module.Name))]));

        // A module is resolved by the scope it is used in: a request's endpoint or a message's queue says which.
        services.AddScoped<CurrentModule>();
        services.AddScoped(provider => provider.GetRequiredService<CurrentModule>().Value);
        services.AddScoped(provider => provider.GetRequiredService<ServiceModule>().OpenSession());
        services.AddScoped<StaffRead>();
        services.AddSingleton<StaffReads>();
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, RoleRefusals>();
        services.AddScoped<Erasure>();
        services.AddScoped<SubjectExport>();
        services.AddScoped(provider => provider.GetRequiredKeyedService<ConsentFollower>(provider.GetRequiredService<CurrentModule>().Name));
        var health = services.AddHealthChecks();
        foreach (var module in builders)
        {
            services.AddKeyedSingleton(module.Name, (provider, _) => new MessageSigner(
                module.Name, Path.Combine(keysDirectory, module.Name, "signing"), provider.GetRequiredService<TimeProvider>()));
            if (module.HasStore) AddStore(services, configuration, module, dataDirectory, keysDirectory, trust, health);
            module.Register(services, configuration);
        }

        // Stores and the broker's topology before everything that uses them.
        services.AddHostedService<Startup>();
        var broker = configuration["Broker:Uri"];
        services.AddBus(broker is null ? null : new Uri(broker), trust, [.. builders.Select(module => module.Name)], new ConsumerRegistry([.. builders.SelectMany(module => module.Consumers)]));
        AddHttp(services, configuration, builder.Environment.IsDevelopment());
        services.AddTelemetry(builder.Logging, configuration, builders.Length == 1 ? builders[0].Name : "personalization", record: builders.Length > 1 && builder.Environment.IsDevelopment());

        replace?.Invoke(services);
        var app = builder.Build();
        UseHttp(app, configuration["Subjects:Region"]!);
        foreach (var module in builders)
        {
            var group = app.MapGroup("").WithMetadata(new ModuleMetadata(module.Name)).WithTags(module.DisplayName);
            if (module.HasStore)
            {
                group.AddEndpointFilter<CommitFilter>();
                group.MapOwnFigures(module.Name);
            }

            module.Map(group);
        }

        return app;
    }

    private static void AddStore(
        IServiceCollection services, ConfigurationManager configuration, ModuleBuilder module, string dataDirectory, string keysDirectory, ServerTrust trust, IHealthChecksBuilder health)
    {
        var store = configuration[$"{module.DisplayName}:Store"] ?? $"sqlite:{Path.Combine(dataDirectory, $"{module.Name}.db")}";
        var keyStore = configuration[$"{module.DisplayName}:KeyStore"] ?? $"sqlite:{Path.Combine(keysDirectory, module.Name, "data-keys.db")}";
        var keyring = Path.Combine(keysDirectory, module.Name, "keyring");
        services.AddKeyedSingleton(module.Name, (_, _) => DocumentStores.Open(store, trust));
        services.AddKeyedSingleton(module.Name, (provider, _) => new ServiceModule(
            module, provider.GetRequiredKeyedService<IDocumentStore>(module.Name), DocumentStores.Open(keyStore, trust), KeyEncryptionOf(provider, module.Name, keyring),
            provider.GetRequiredKeyedService<MessageSigner>(module.Name), provider.GetRequiredService<TimeProvider>()));
        AddModuleWorker<OutboxRelay>(services, module.Name);
        AddModuleWorker<AnnounceDataMap>(services, module.Name);
        AddModuleWorker<InboxPurge>(services, module.Name);
        AddModuleWorker<KeyRotation>(services, module.Name);
        health.Add(new(module.Name, provider => new ModuleHealth(
            provider.GetRequiredKeyedService<ServiceModule>(module.Name), provider.GetRequiredService<TimeProvider>()), null, null, TimeSpan.FromSeconds(5)));
        if (module.ErasureParticipant is not null)
        {
            services.AddSingleton<IHostedService>(provider => ActivatorUtilities.CreateInstance<ErasureReplay>(
                provider, provider.GetRequiredKeyedService<ServiceModule>(module.Name), new ErasureSequenceClient(OtherService(provider, module.Name, configuration["ErasureSequence:Url"]))));
        }

        if (module.ConsentListener is null) return;
        services.AddKeyedSingleton(module.Name, (provider, _) => new ConsentStreamClient(OtherService(provider, module.Name, configuration["ConsentStream:Url"])));
        services.AddKeyedSingleton(module.Name, (provider, _) => ActivatorUtilities.CreateInstance<ConsentFollower>(
            provider, provider.GetRequiredKeyedService<ServiceModule>(module.Name), provider.GetRequiredKeyedService<ConsentStreamClient>(module.Name)));
        services.AddSingleton<IHostedService>(provider => new ConsentFollowerWorker(provider.GetRequiredKeyedService<ConsentFollower>(module.Name)));
    }

    private static IKeyEncryption KeyEncryptionOf(IServiceProvider provider, string module, string keyring)
    {
        var options = provider.GetRequiredService<IOptions<KeyEncryptionOptions>>().Value;
        if (options.Provider == KeyEncryptionProvider.File) return new FileKeyring(keyring);
        var vault = new VaultTransit(module, options.Vault, provider.GetRequiredService<ILogger<VaultTransit>>());
        return FileKeyring.IsIn(keyring) ? new MovingKeyEncryption(vault, new FileKeyring(keyring)) : vault;
    }

    private static void AddModuleWorker<T>(IServiceCollection services, string module)
        where T : class, IHostedService => services.AddSingleton<IHostedService>(provider =>
        ActivatorUtilities.CreateInstance<T>(provider, provider.GetRequiredKeyedService<ServiceModule>(module)));

    /// <summary>A client that signs its requests as a service; without an address it talks to the process itself.</summary>
    internal static HttpClient OtherService(IServiceProvider provider, string module, string? url) => Client(
        new ServiceTokenHandler(provider.GetRequiredKeyedService<MessageSigner>(module), provider.GetRequiredService<TimeProvider>()) { InnerHandler = Connection(provider, url) }, url);

    /// <summary>A client that sends the token it is given with each request, or none.</summary>
    internal static HttpClient OtherServiceForCaller(IServiceProvider provider, string? url) => Client(Connection(provider, url), url);

    private static HttpClient Client(HttpMessageHandler handler, string? url) => new(handler) { BaseAddress = new Uri(url ?? "http://localhost") };

    private static HttpMessageHandler Connection(IServiceProvider provider, string? url)
    {
        var handler = new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5), ConnectTimeout = TimeSpan.FromSeconds(2), UseCookies = false };
        handler.SslOptions.RemoteCertificateValidationCallback = provider.GetRequiredService<ServerTrust>().Accepts;
        return url is null ? new SelfHandler(provider.GetRequiredService<IServer>()) { InnerHandler = handler } : handler;
    }

    private static void AddHttp(IServiceCollection services, IConfiguration configuration, bool isDevelopment)
    {
        services.ConfigureHttpJsonOptions(options => Json.Configure(options.SerializerOptions));
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.AddCompressedBodies();
        services.AddExceptionHandler<ExceptionProblems>();
        services.AddProblemDetails(options => options.CustomizeProblemDetails = context =>
        {
            var problem = context.ProblemDetails;
            if (problem.Type?.StartsWith(Problems.TypePrefix, StringComparison.Ordinal) == true) return;
            var (slug, title) = Problems.Standard(problem.Status ?? context.HttpContext.Response.StatusCode);
            (problem.Type, problem.Title, problem.Detail) = (Problems.TypePrefix + slug, title, null);
        });
        services.AddCallerAuthentication(configuration, allowLocalIssuer: isDevelopment);
        services.AddOpenApi(options => options.AddOperationTransformer((operation, context, _) =>
        {
            // Generated clients are named after it: the feature, unless the endpoint has a name of its own.
            var handler = context.Description.ActionDescriptor.EndpointMetadata.OfType<MethodInfo>().FirstOrDefault();
            if (handler is { Name: "Handle" or "HandleAsync", DeclaringType: { } feature }) operation.OperationId ??= feature.Name;
            return Task.CompletedTask;
        }));
    }

    private static void UseHttp(WebApplication app, string region)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseRouting();
        app.Use((context, next) =>
        {
            if (context.GetEndpoint()?.Metadata.GetMetadata<ModuleMetadata>() is { } module)
                context.RequestServices.GetRequiredService<CurrentModule>().Name = module.Name;
            return next(context);
        });
        app.UseCookieTokens();
        app.UseAuthentication();
        app.Use((context, next) =>
        {
            // A region is a deployment of its own; nothing about a subject of another one is stored or read here. Who doesn't say for which region
            // a call is may mean any; services of this deployment call each other for no other.
            var isOfRegion = context.User.FindFirst("region")?.Value == region || context.User.FindFirst("role")?.Value == Roles.Service;
            if (context.User.Identity?.IsAuthenticated == true && !isOfRegion)
            {
                context.Response.StatusCode = StatusCodes.Status421MisdirectedRequest;
                return Task.CompletedTask;
            }

            return next(context);
        });
        app.UseAuthorization();
        // For those who may call the endpoint only: unpacking is work.
        app.UseCompressedBodies();
        app.MapHealth();
        if (app.Services.GetService<RecordedSpans>() is not null) app.MapRecordedSpans();
        app.MapOpenApi().AllowAnonymous();
    }

    private sealed record ModuleMetadata(string Name);

    /// <summary>Runs before every other hosted service.</summary>
    private sealed partial class Startup(ServiceModules modules, IOptions<DeploymentOptions> deployment, IServiceProvider services, TimeProvider time, ILogger<Startup> logger) : IHostedLifecycleService
    {
        // A database that elects a primary, or starts beside the service, is worth waiting for; one that nobody reaches is an operator's to see to.
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
        private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

        public async Task StartingAsync(CancellationToken cancellationToken)
        {
            foreach (var module in modules.All)
            {
                await InitializeAsync(module, cancellationToken);
                LogStore(module.Name);
            }

            if (services.GetService<BrokerTopology>() is { } topology) await topology.EnsureAsync(cancellationToken);
        }

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        private async Task InitializeAsync(ServiceModule module, CancellationToken cancellationToken)
        {
            for (var began = time.GetTimestamp(); ;)
            {
                try
                {
                    await module.InitializeAsync(deployment.Value.UnclaimedCollections, cancellationToken);
                    return;
                }
                catch (StoreUnreachableException unreachable) when (time.GetElapsedTime(began) < Patience)
                {
                    LogWaits(module.Name, unreachable.Message);
                    await Task.Delay(Pause, time, cancellationToken);
                }
            }
        }

        [LoggerMessage(LogLevel.Warning, "{Module}: {Problem} It is tried again")]
        private partial void LogWaits(string module, string problem);

        [LoggerMessage(LogLevel.Information, "{Module}: store ready")]
        private partial void LogStore(string module);
    }

    private sealed class SelfHandler(IServer server) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var address = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? throw new HttpRequestException("The process does not listen yet.");
            request.RequestUri = new Uri(new Uri(address.Replace("[::]", "localhost", StringComparison.Ordinal).Replace("0.0.0.0", "localhost", StringComparison.Ordinal)), request.RequestUri!.PathAndQuery);
            return base.SendAsync(request, cancellationToken);
        }
    }
}

/// <summary>The containers' health check: there is no curl in them.</summary>
internal static class HealthProbe
{
    public static async Task<int> RunAsync()
    {
        var encrypted = Environment.GetEnvironmentVariable("ASPNETCORE_HTTPS_PORTS");
        var address = string.IsNullOrEmpty(encrypted)
            ? $"http://127.0.0.1:{Environment.GetEnvironmentVariable("ASPNETCORE_HTTP_PORTS")?.Split(';')[0] ?? "8080"}"
            : $"https://localhost:{encrypted.Split(';')[0]}";
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = new ServerTrust(Environment.GetEnvironmentVariable("Keys__Directory")).Accepts;
        using var http = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(5) };
        try
        {
            using var response = await http.GetAsync(new Uri($"{address}/health/ready"));
            return response.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            return 1;
        }
    }
}
