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
    public static Uri AddressOf(string? url) => url is null ? Local : AddressOf("--url", url, Local);

    /// <exception cref="UsageException">The option's value is not an address.</exception>
    public static Uri AddressOf(string option, string url, Uri example) =>
        Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" ? address
        : throw new UsageException($"{option} takes an address such as {example.OriginalString}.");

    /// <summary>Whether a server answers there, and with <paramref name="path"/> set to <c>/health/ready</c>, whether all of it is ready.</summary>
    public static async Task<bool> AnswersAsync(Uri address, CancellationToken cancellationToken, string path = "/health/live")
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        try
        {
            using var response = await http.GetAsync(new Uri(address, path), cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }

    /// <summary>Returns when a server answers there, or has not within the time that one takes to start.</summary>
    public static async Task UntilAnswersAsync(Uri address, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await AnswersAsync(address, cancellationToken) && TimeProvider.System.GetElapsedTime(started) < StartsWithin)
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, cancellationToken);
    }

    /// <summary>A client whose tokens the server accepts: those of this machine's issuer, else of the containers' one.</summary>
    /// <exception cref="CommandException">The server doesn't answer, or accepts neither.</exception>
    public static async Task<ApiClient> ConnectAsync(Uri address, string? keysDirectory, string region, CancellationToken cancellationToken)
    {
        if (!await AnswersAsync(address, cancellationToken))
            throw new CommandException($"{address.OriginalString} does not answer. Start the server with ./dev run, or name another one with --url.");

        if (LocalTokens.Exist(keysDirectory) && await AcceptedAsync(new LocalTokens(keysDirectory)) is { } local) return local;
        if (keysDirectory is null && Home is { } home && await AcceptedAsync(new ComposeTokens(home)) is { } containers) return containers;
        throw new CommandException($"{address.OriginalString} accepts no token made with the keys here. Name the directory of its keys with --keys.");

        async Task<ApiClient?> AcceptedAsync(ITokenSource tokens)
        {
            var client = new ApiClient(address, tokens, region);
            try
            {
                var answer = await client.SendUntilTakenAsync(ApiRequest.Get("/retention-rules", Roles.Operator), StartsWithin, cancellationToken);
                if (answer.Status == (int)HttpStatusCode.MisdirectedRequest) throw new CommandException($"{address.OriginalString} is not of the region '{region}', which the declarations are for.");
                if (answer.Status != (int)HttpStatusCode.Unauthorized) return client;
            }
            catch
            {
                client.Dispose();
                throw;
            }

            client.Dispose();
            return null;
        }
    }
}
