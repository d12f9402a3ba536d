using System.Net.Http.Headers;
using Personalization.Platform.Security;

namespace Personalization.System.Tests.Harness;

/// <summary>The whole system, as its users see it: one address, tokens, and what operators can do to its parts.</summary>
public abstract class SystemUnderTest : IAsyncDisposable
{
    private readonly Dictionary<(string, string?), HttpClient> clients = [];

    /// <summary>What happens to messages on their way.</summary>
    public Interceptor Messages { get; } = new();

    /// <summary>The connection over which services follow Consent's stream.</summary>
    public Link ConsentLink { get; } = new();

    /// <summary>Spans that left the system.</summary>
    public SpanLog Spans { get; } = new();

    /// <summary>The gateway.</summary>
    public abstract Uri Address { get; }

    /// <summary>The directory of the issuer's key.</summary>
    protected abstract string KeysDirectory { get; }

    /// <summary>A client with a token of that role.</summary>
    public HttpClient As(string role, string? customerId = null)
    {
        if (clients.TryGetValue((role, customerId), out var client)) return client;
        using var issuer = new MessageSigner(Tokens.LocalIssuerKey, Path.Combine(KeysDirectory, "issuer"), TimeProvider.System);
        var claims = new Dictionary<string, object> { ["role"] = role, ["region"] = "ru" };
        if (customerId is not null) claims["customer_id"] = customerId;
        client = new HttpClient(new RedirectToCurrentAddress(this)) { BaseAddress = new Uri("http://system"), Timeout = TimeSpan.FromSeconds(60) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Bearer", issuer.Token(Tokens.LocalIssuer, TimeProvider.System.GetUtcNow(), TimeSpan.FromHours(1), claims));
        return clients[(role, customerId)] = client;
    }

    /// <summary>Starts everything.</summary>
    public abstract Task StartAsync();

    /// <summary>Stops everything; data stays.</summary>
    public abstract Task StopAsync();

    /// <summary>Stops one service.</summary>
    public abstract Task StopAsync(string service);

    /// <summary>Starts one service again.</summary>
    public abstract Task StartAsync(string service);

    public virtual async ValueTask DisposeAsync()
    {
        Messages.Release();
        await StopAsync();
        await ConsentLink.DisposeAsync();
        foreach (var client in clients.Values) client.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Hosts are started outside the test's async flow: MassTransit keeps its log context in it.</summary>
    protected static Task Detached(Func<Task> work)
    {
        using (ExecutionContext.SuppressFlow()) return Task.Run(work);
    }

    private sealed class RedirectToCurrentAddress(SystemUnderTest system) : DelegatingHandler(new SocketsHttpHandler())
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.RequestUri = new Uri(system.Address, request.RequestUri!.PathAndQuery);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
