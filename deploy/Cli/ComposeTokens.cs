using System.Diagnostics;

namespace Personalization.Cli;

/// <summary>Makes tokens that a server accepts.</summary>
internal interface ITokenSource
{
    string Sign(string role, string? customerId, string region);
}

/// <summary>Tokens for the containers: their issuer's key is on a volume, which only they read, so one of them is asked.</summary>
internal sealed class ComposeTokens(string projectDirectory) : ITokenSource
{
    /// <exception cref="CommandException">No container makes one.</exception>
    public string Sign(string role, string? customerId, string region)
    {
        List<string> arguments = ["compose", "run", "--rm", "--no-deps", "-T", "demo", "token", role, "--region", region];
        if (customerId is not null) arguments.AddRange(["--subject", customerId]);
        try
        {
            using var process = Process.Start(new ProcessStartInfo("docker", arguments) { WorkingDirectory = projectDirectory, RedirectStandardOutput = true, RedirectStandardError = true })!;
            var errors = process.StandardError.ReadToEndAsync();
            var token = process.StandardOutput.ReadToEnd().Trim();
            process.WaitForExit();
            if (process.ExitCode == 0) return token;
            throw new CommandException($"The containers made no token: {errors.GetAwaiter().GetResult().Trim()}");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new CommandException("The server accepts no token of the local issuer, and there is no Docker to ask its containers for one. Name its keys with --keys.");
        }
    }
}
