using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Personalization.Platform.Http;

namespace Personalization.Cli;

/// <summary>The command <c>acts</c>: for each day of a period, the act and the log export of what was destroyed on it (Roskomnadzor's order 179), to print and sign, and signed by Retention.</summary>
internal static class Acts
{
    private static readonly string[] Languages = ["ru", "en"];

    /// <exception cref="UsageException">The command line isn't of the form that the command takes.</exception>
    /// <exception cref="CommandException">The server isn't there, or doesn't give them.</exception>
    public static async Task<int> RunAsync(string directory, IReadOnlyList<string> options, CancellationToken cancellationToken)
    {
        var arguments = new Arguments(options, ["--from", "--through", "--language", "--url", "--keys", "--token", "--region"]);
        var from = DayOf(arguments, "--from") ?? DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        var through = DayOf(arguments, "--through") ?? from;
        if (through < from) throw new UsageException("--through is a day before --from.");
        var language = arguments["--language"] ?? "ru";
        if (!Languages.Contains(language)) throw new UsageException($"--language is one of {string.Join(", ", Languages)}.");

        var started = TimeProvider.System.GetTimestamp();
        using var api = arguments["--token"] is { } file
            ? new ApiClient(Server.AddressOf(arguments["--url"]), new GivenToken(file), arguments["--region"] ?? "ru")
            : await Server.ConnectAsync(Server.AddressOf(arguments["--url"]), arguments["--keys"], arguments["--region"] ?? "ru", cancellationToken);
        Directory.CreateDirectory(directory);
        var (lines, days) = (0, 0);
        for (var day = from; day <= through; day = day.AddDays(1))
        {
            var name = day.ToString("O", CultureInfo.InvariantCulture);
            var signed = await ReadAsync($"/erasures/act?day={name}", "application/jose");
            var count = Count(signed);
            if (count == 0) continue;
            await WriteAsync($"act-{name}.jws", signed);
            await WriteAsync($"act-{name}.pdf", await ReadAsync($"/erasures/act?day={name}&language={language}", "application/pdf"));
            Console.WriteLine($"{name}: {count} lines");
            (lines, days) = (lines + count, days + 1);
        }

        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        if (through >= today) Console.WriteLine($"{today.ToString("O", CultureInfo.InvariantCulture)} isn't over (UTC): its act may still grow, so write it again tomorrow.");
        var took = TimeProvider.System.GetElapsedTime(started);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Acts of {days} days, with {lines} lines in their logs, written to {directory} in {took.TotalSeconds:0.0} s."));
        return 0;

        async Task<byte[]> ReadAsync(string path, string accept)
        {
            try
            {
                return await api.ReadAsync(ApiRequest.Get(path, Roles.Officer) with { Accept = accept }, cancellationToken);
            }
            catch (HttpRequestException refused) when (refused.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
            {
                throw new CommandException($"{api.Address.OriginalString} shows acts to officers and auditors, as far as the read rules allow; it answered {(int)refused.StatusCode}.");
            }
        }

        // Whole or not at all: what lies there is what the server gave.
        async Task WriteAsync(string name, byte[] content)
        {
            var path = Path.Combine(directory, name);
            await File.WriteAllBytesAsync(path + ".part", content, cancellationToken);
            File.Move(path + ".part", path, overwrite: true);
        }
    }

    private static int Count(byte[] jws)
    {
        var payload = Encoding.ASCII.GetString(jws).Split('.')[1];
        return JsonNode.Parse(Base64Url.DecodeFromChars(payload))!["entries"]!.AsArray().Count;
    }

    private static DateOnly? DayOf(Arguments arguments, string option) => arguments[option] is not { } text ? null
        : DateOnly.TryParseExact(text, "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day
        : throw new UsageException($"{option} takes a day (UTC) such as 2026-11-30.");

    /// <summary>A token that somebody got from the deployment's issuer.</summary>
    private sealed class GivenToken(string file) : ITokenSource
    {
        public string Sign(string role, string? customerId, string region)
        {
            try
            {
                return File.ReadAllText(file).Trim();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new CommandException($"{file} can't be read: {e.Message}");
            }
        }

        public void Dispose()
        {
            // Nothing is held.
        }
    }
}
