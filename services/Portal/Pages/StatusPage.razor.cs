using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Components;

namespace Personalization.Portal.Pages;

/// <summary>The status page.</summary>
public sealed partial class StatusPage
{
    private static readonly string Style = ReadStyle();

    private static readonly Dictionary<string, string> Purposes = new()
    {
        ["audit"] = "The tamper-evident log of decisions, erasures and their receipts",
        ["consent"] = "Purposes, people’s decisions and the proof of each",
        ["message bus"] = "Carries events between the services",
        ["profile"] = "Customer events and profiles, as far as consent permits",
        ["recommendation"] = "Recommendations with their reasons",
        ["retention"] = "Erasure cases, followed to the last receipt",
    };

    /// <summary>What a Content-Security-Policy names the style by.</summary>
    internal static string StyleHash { get; } = $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}";

    /// <summary>The services.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<ServiceStatus> Services { get; set; }

    /// <summary>Whether the services run in containers behind this one, rather than in this process.</summary>
    [Parameter, EditorRequired]
    public bool IsGateway { get; set; }

    /// <summary>When the services were asked, UTC.</summary>
    [Parameter, EditorRequired]
    public DateTimeOffset CheckedAt { get; set; }

    /// <summary>Where the page was asked for.</summary>
    [Parameter, EditorRequired]
    public required string Address { get; set; }

    private string Headline => Services.Count(service => !service.IsReady) switch
    {
        0 => "Everything is ready",
        1 => $"{Title(Services.First(service => !service.IsReady).Name)} is not ready",
        var count => $"{count} of {Services.Count} parts are not ready",
    };

    private string DemoCommand => IsGateway ? "docker compose run --rm demo" : "./dev demo";

    private string TokenCommand => IsGateway ? "docker compose run --rm --no-deps demo token operator" : "./dev token operator";

    private static string Title(string name) => $"{char.ToUpperInvariant(name[0])}{name[1..]}";

    private static string? Purpose(string name) => Purposes.GetValueOrDefault(name);

    private static string ReadStyle()
    {
        using var stream = typeof(StatusPage).Assembly.GetManifestResourceStream("StatusPage.css")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
