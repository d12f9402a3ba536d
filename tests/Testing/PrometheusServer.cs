using System.Diagnostics;

namespace Personalization.Testing;

/// <summary>A server of an installed Prometheus (Debian's package <c>prometheus</c>) with its own folder and port, reachable from this machine only.</summary>
public static class PrometheusServer
{
    private static readonly string? Program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(path => Path.Combine(path, "prometheus")).FirstOrDefault(File.Exists);

    /// <summary>Why there is no Prometheus; null if there is.</summary>
    public static string? Unavailable => Program is null ? "No prometheus is installed." : null;

    /// <summary>Starts one and returns its address when it is ready. It ends with the tests of this process.</summary>
    /// <param name="target">Where it fetches metrics each second.</param>
    /// <param name="rules">Files with rules, evaluated each second.</param>
    public static async Task<Uri> StartAsync(Uri target, params string[] rules)
    {
        var home = Directory.CreateTempSubdirectory("prometheus-").FullName;
        var config = Path.Combine(home, "prometheus.yml");
        await File.WriteAllTextAsync(config, $$"""
            global: { scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s }
            rule_files: [{{string.Join(", ", rules.Select(file => $"'{file}'"))}}]
            scrape_configs: [{ job_name: personalization, metrics_path: {{target.AbsolutePath}}, static_configs: [{ targets: ['{{target.Authority}}'] }] }]
            """);
        var address = new Uri($"http://127.0.0.1:{FreePort.Find()}");
        var process = Process.Start(new ProcessStartInfo(
            Program!, [$"--config.file={config}", $"--storage.tsdb.path={Path.Combine(home, "data")}", $"--web.listen-address={address.Authority}", "--log.level=error"])
        {
            WorkingDirectory = home,
        })!;
        TestServers.StopAtEnd(async () =>
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
            Directory.Delete(home, recursive: true);
        });
        using var http = new HttpClient { BaseAddress = address };
        await Eventually.Is("Prometheus is ready", async () => !process.HasExited && (await http.GetAsync(new Uri("/-/ready", UriKind.Relative))).IsSuccessStatusCode, TimeSpan.FromSeconds(60));
        return address;
    }
}
