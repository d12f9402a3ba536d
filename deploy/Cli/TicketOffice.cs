using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Personalization.Platform.Security;

namespace Personalization.Cli;

/// <summary>The sample of a product service, as its own customers and staff use it: deploy/Tickets.</summary>
internal sealed class TicketOffice : IDisposable
{
    private const int SecretBytes = 32;

    /// <summary>Where <c>./dev run</c> and <c>./dev demo</c> start it.</summary>
    public static readonly Uri Local = new("http://localhost:8081");

    private readonly HttpClient http;

    private TicketOffice(Uri address, string secret) => (http, Secret) = (new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(20) }, secret);

    /// <summary>Where it is told of erasures.</summary>
    public Uri Webhook => new(http.BaseAddress!, "/erasures");

    /// <summary>What signs both ways.</summary>
    public string Secret { get; }

    /// <returns>Null if nobody answers there.</returns>
    public static async Task<TicketOffice?> ConnectAsync(Uri address, string? keysDirectory, CancellationToken cancellationToken) =>
        await Server.AnswersAsync(address, cancellationToken, "/customers/nobody/tickets") ? new TicketOffice(address, EnsureSecret(LocalTokens.DirectoryOf(keysDirectory))) : null;

    /// <summary>Makes the secret if it isn't there yet.</summary>
    public static string EnsureSecret(string keysDirectory) => Provisioning.EnsureSecret(
        Path.Combine(keysDirectory, "tickets", "webhook-secret"), () => "whsec_" + Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretBytes)));

    public Task SellAsync(string customerId, string filmId, CancellationToken cancellationToken) => SendAsync(HttpMethod.Post, "/tickets", new { customerId, filmId }, cancellationToken);

    /// <summary>How many tickets it knows a customer to have.</summary>
    public async Task<int> CountAsync(string customerId, CancellationToken cancellationToken) =>
        (await http.GetFromJsonAsync<JsonNode>(new Uri($"/customers/{customerId}/tickets", UriKind.Relative), cancellationToken))!["items"]!.AsArray().Count;

    /// <summary>Closes it for maintenance: it answers no webhook. Or opens it again.</summary>
    public Task CloseAsync(bool closed, CancellationToken cancellationToken) => SendAsync(HttpMethod.Put, "/closed", new { closed }, cancellationToken);

    public void Dispose() => http.Dispose();

    private async Task SendAsync(HttpMethod method, string path, object body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = JsonContent.Create(body) };
        using var response = await http.SendAsync(request, cancellationToken);
        response.EnsureSuccessStatusCode();
    }
}
