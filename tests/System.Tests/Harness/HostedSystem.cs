using Microsoft.Extensions.DependencyInjection;
using Personalization.Platform.Privacy;
using Personalization.Platform.Security;
using Personalization.Platform.Storage;
using Personalization.Testing;

namespace Personalization.System.Tests.Harness;

/// <summary>A system whose services are hosted in the test's process, so that a test can come between them and see what they send out.</summary>
public abstract class HostedSystem : SystemUnderTest
{
    /// <summary>What happens to messages on their way.</summary>
    public Interceptor Messages { get; } = new();

    /// <summary>The connection over which services follow Consent's stream.</summary>
    public Link ConsentLink { get; } = new();

    /// <summary>Spans that left the system.</summary>
    public SpanLog Spans { get; } = new();

    /// <summary>What the system measures, for a Prometheus.</summary>
    public MetricsEndpoint Metrics { get; } = new();

    /// <summary>What the system logs.</summary>
    public LogText Logs { get; } = new();

    /// <summary>The directory of all keys.</summary>
    public abstract string KeysDirectory { get; }

    /// <summary>The region whose people it is for.</summary>
    public string Region { get; init; } = "ru";

    /// <summary>What somebody who copies the store of a service's data gets; null: all that is stored, of every service, keys too.</summary>
    public abstract Task<byte[]> DumpAsync(string? service = null);

    /// <summary>What is in the stores, by their own word: <c>service/store/collection</c>, where the store is <c>data</c> or <c>keys</c>.</summary>
    public abstract Task<IReadOnlyList<string>> CollectionsAsync();

    /// <summary>The connection string of a service's data, or of its keys.</summary>
    public abstract string StoreOf(string service, bool keys = false);

    /// <summary>Documents in a service's store that are sealed with one of these customers' keys of the epoch, whether the key still exists or not.</summary>
    public async Task<int> CountSealedAsync(string service, IReadOnlyCollection<string> customers, int epoch = 1)
    {
        var refs = new SubjectRefs(Path.Combine(KeysDirectory, "shared", "subject-ref-1.key"), Region);
        var keys = customers.Select(customer => new DataKeyId(refs.Of(customer), epoch).ToString()).ToHashSet();
        await using var store = DocumentStores.Open(StoreOf(service));
        var found = 0;
        await foreach (var document in store.ReadAllAsync([], CancellationToken.None))
        {
            if (document is { IsSealed: true, Body.IsEmpty: false } && keys.Contains(Envelope.KeyOf(document.Body))) found++;
        }

        return found;
    }

    public override void Undisturb()
    {
        Messages.Reset();
        ConsentLink.Mend();
    }

    public override async ValueTask DisposeAsync()
    {
        Messages.Release();
        await base.DisposeAsync();
        await ConsentLink.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>A token of this deployment's issuer for a caller of that region.</summary>
    public string TokenFor(string region, string role, string? customerId = null) => TokenOf(KeysDirectory, region, role, customerId);

    /// <summary>A token of the issuer whose key is there.</summary>
    internal static string TokenOf(string keysDirectory, string region, string role, string? customerId)
    {
        using var issuer = new MessageSigner(Tokens.LocalIssuerKey, Path.Combine(keysDirectory, "issuer"), TimeProvider.System);
        var claims = new Dictionary<string, object> { ["role"] = role, ["region"] = region, ["sub"] = customerId ?? role };
        if (customerId is not null) claims["customer_id"] = customerId;
        return issuer.Token(Tokens.LocalIssuer, TimeProvider.System.GetUtcNow(), TimeSpan.FromHours(1), claims);
    }

    protected override string Token(string role, string? customerId) => TokenFor(Region, role, customerId);

    /// <summary>Lets a test see and disturb what the services of a host do.</summary>
    protected void Observe(IServiceCollection services)
    {
        Messages.Install(services);
        Spans.Install(services);
        Metrics.Install(services);
        Logs.Install(services);
    }

    /// <summary>Hosts are started outside the test's async flow: MassTransit keeps its log context in it.</summary>
    protected static Task Detached(Func<Task> work)
    {
        using (ExecutionContext.SuppressFlow()) return Task.Run(work);
    }
}
