using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using Personalization.Platform.Http;
using Personalization.Platform.Security;

namespace Personalization.Consent.Tests;

/// <summary>The service as it is deployed, in a process of its own that can be killed; without the services that apply what it decides.</summary>
internal sealed class ConsentProcess : IDisposable
{
    private const string Listening = "Now listening on: ";

    private readonly Process process;

    private ConsentProcess(Process process, Uri address) => (this.process, Address) = (process, address);

    public Uri Address { get; }

    public static async Task<ConsentProcess> StartAsync(string directory, string store, string keyStore)
    {
        Provisioning.EnsureKeys(Path.Combine(directory, "keys"), ["consent"]);
        var process = Process.Start(new ProcessStartInfo("dotnet",
        [
            Path.Combine(AppContext.BaseDirectory, "Personalization.Consent.dll"), "--urls", "http://127.0.0.1:0", "--environment", "Development",
            "--Keys:Directory", Path.Combine(directory, "keys"), "--Data:Directory", directory, "--Consent:Store", store, "--Consent:KeyStore", keyStore,
            "--Consent:WaitForMilliseconds", "0", "--shutdownTimeoutSeconds", "1", "--Logging:LogLevel:Microsoft.Hosting.Lifetime", "Information",
        ])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = directory,
        })!;
        var said = new List<string>();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            said.Add(line);
            if (line.IndexOf(Listening, StringComparison.Ordinal) is var at and >= 0)
            {
                // What it goes on to say is read, or it would wait for somebody to read it.
                _ = process.StandardOutput.ReadToEndAsync();
                return new ConsentProcess(process, new Uri(line[(at + Listening.Length)..].Trim()));
            }
        }

        process.Dispose();
        throw new InvalidOperationException($"Consent did not start: {string.Join('\n', said)}");
    }

    /// <summary>A client with a token that the directory's issuer signed.</summary>
    public static HttpClient Client(string directory, string role)
    {
        using var issuer = new MessageSigner(Tokens.LocalIssuerKey, Path.Combine(directory, "keys", "issuer"), TimeProvider.System);
        var claims = new Dictionary<string, object> { ["role"] = role, ["region"] = "ru" };
        var token = issuer.Token(Tokens.LocalIssuer, TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(30), claims);
        return new HttpClient { DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) }, Timeout = TimeSpan.FromSeconds(30) };
    }

    /// <summary>Ends it as a power cut would: nothing is finished, nothing is given back.</summary>
    public void Kill() => process.Kill();

    /// <summary>Tells it to end, as a platform does that moves it elsewhere: requests under way are broken off.</summary>
    public void Terminate()
    {
        using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    public void Dispose()
    {
        if (!process.HasExited) process.Kill();
        process.WaitForExit();
        process.Dispose();
    }
}
