using System.Net;
using Personalization.Platform.Http;

namespace Personalization.Cli;

/// <summary>The server that a command talks to.</summary>
internal static class Server
{
    public static readonly Uri Local = new("http://localhost:8080");

    public static readonly TimeSpan StartsWithin = TimeSpan.FromSeconds(60);

    /// <summary>The repository's folder, when <c>./dev</c> called; null in a container.</summary>
    public static string? Home => Environment.GetEnvironmentVariable("PERSONALIZATION_HOME");

    /// <exception cref="UsageException">It is not an address.</exception>
    public static Uri AddressOf(string? url) => url is null ? Local
        : Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" ? address
        : throw new UsageException($"--url takes an address such as {Local.OriginalString}.");

    /// <summary>A client whose tokens the server accepts.</summary>
    /// <exception cref="CommandException">The server doesn't answer, or accepts neither this machine's tokens nor its containers'.</exception>
    public static async Task<ApiClient> ConnectAsync(Uri address, ITokenSource tokens, string region, CancellationToken cancellationToken)
    {
        var client = new ApiClient(address, tokens, region);
        try
        {
            if (await IsAcceptedAsync(client, cancellationToken)) return client;
            client.Dispose();
            if (Home is not { } home) throw new CommandException($"{address.OriginalString} does not accept tokens of this issuer. Name its keys with --keys.");

            client = new ApiClient(address, new ComposeTokens(home), region);
            if (await IsAcceptedAsync(client, cancellationToken)) return client;
            throw new CommandException($"{address.OriginalString} accepts neither tokens of this machine's issuer nor of its containers'. Name its keys with --keys.");
        }
        catch (HttpRequestException)
        {
            client.Dispose();
            throw new CommandException($"{address.OriginalString} does not answer. Start the server with ./dev run, or name another one with --url.");
        }
        catch (CommandException)
        {
            client.Dispose();
            throw;
        }
    }

    private static async Task<bool> IsAcceptedAsync(ApiClient client, CancellationToken cancellationToken)
    {
        var answer = await client.SendUntilTakenAsync(ApiRequest.Get("/retention-rules", Roles.Operator), StartsWithin, cancellationToken);
        return answer.Status != (int)HttpStatusCode.Unauthorized;
    }
}
