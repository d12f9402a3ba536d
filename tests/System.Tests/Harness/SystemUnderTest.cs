using System.Net.Http.Headers;

namespace Personalization.System.Tests.Harness;

/// <summary>The whole system, as its users see it: one address, tokens, and what operators can do to its parts.</summary>
public abstract class SystemUnderTest : IAsyncDisposable
{
    private readonly Dictionary<(string, string?), HttpClient> clients = [];

    /// <summary>The gateway.</summary>
    public abstract Uri Address { get; }

    /// <summary>A client with a token of that role.</summary>
    public HttpClient As(string role, string? customerId = null)
    {
        if (clients.TryGetValue((role, customerId), out var client)) return client;
        client = new HttpClient(new RedirectToCurrentAddress(this)) { BaseAddress = new Uri("http://system"), Timeout = TimeSpan.FromSeconds(60) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token(role, customerId));
        return clients[(role, customerId)] = client;
    }

    /// <summary>Ends what a test did to the system.</summary>
    public virtual void Undisturb()
    {
        // Nothing was, unless a system lets itself be disturbed.
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
        await StopAsync();
        foreach (var client in clients.Values) client.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>A token of the deployment's local issuer.</summary>
    protected abstract string Token(string role, string? customerId);

    /// <summary>How connections to the gateway are made.</summary>
    protected virtual SocketsHttpHandler NewHandler() => new();

    private sealed class RedirectToCurrentAddress(SystemUnderTest system) : DelegatingHandler(system.NewHandler())
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.RequestUri = new Uri(system.Address, request.RequestUri!.PathAndQuery);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
