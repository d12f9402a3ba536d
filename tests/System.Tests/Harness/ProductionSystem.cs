using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;
using Personalization.Platform.Security;

namespace Personalization.System.Tests.Harness;

/// <summary>
/// The containers as <c>deploy/compose.production.yml</c> starts them, with an OpenID Connect issuer in this process, which the containers reach as
/// <c>issuer</c>.
/// </summary>
public sealed class ProductionSystem : ComposeSystem
{
    private static readonly string[] Services = ["audit", "consent", "portal", "profile", "recommendation", "retention"];

    private readonly string directory = Directory.CreateTempSubdirectory("personalization-production-").FullName;
    private WebApplication? issuer;
    private string issuerAddress = "";
    private MessageSigner? signer;

    /// <summary>Which servers are the deployment's.</summary>
    public ServerTrust Trust { get; private set; } = new(null);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (issuer is not null) await issuer.DisposeAsync();
        signer?.Dispose();
        Directory.Delete(directory, recursive: true);
    }

    protected override async Task<Dictionary<string, string?>> VariablesAsync()
    {
        await StartIssuerAsync();
        var variables = await base.VariablesAsync();
        variables["COMPOSE_FILE"] = string.Join(Path.PathSeparator, "docker-compose.yml", "deploy/compose.production.yml", await WriteTestsFileAsync());
        variables["ISSUER"] = issuerAddress;
        variables["CONTROLLER_ID"] = "ogrn-1";
        variables["CONTROLLER_NAME"] = "A cinema";
        variables["CONTROLLER_ADDRESS"] = "A street";
        variables["CONTROLLER_CONTACT"] = "privacy@cinema.example";
        variables["PRIVACY_PAGE"] = "https://cinema.example/privacy";
        variables["RECOMMENDATION_MIN_SUPPORT"] = "5";
        return variables;
    }

    protected override async Task FillAsync()
    {
        Directory.CreateDirectory(Path.Combine(directory, "shared"));
        await File.WriteAllTextAsync(ServerTrust.FileIn(directory), await Project.RunAsync("exec", "-T", "rabbitmq", "cat", "/keys/rabbitmq/tls/authority.pem"));
        Trust = new ServerTrust(directory);
    }

    protected override async Task<Uri> PublishedAsync() => new UriBuilder(await Project.AddressAsync("portal", 8443)) { Scheme = Uri.UriSchemeHttps }.Uri;

    // Asked by an address, as the port is published: it is in the certificate of whoever listens on the loopback.
    protected override SocketsHttpHandler NewHandler() => new() { SslOptions = { RemoteCertificateValidationCallback = (sender, certificate, chain, errors) => Trust.Accepts(sender, certificate, chain, errors) } };

    protected override string Token(string role, string? customerId)
    {
        var claims = new Dictionary<string, object> { ["role"] = role, ["region"] = "ru", ["sub"] = customerId ?? role };
        if (customerId is not null) claims["customer_id"] = customerId;
        return signer!.Token(issuerAddress, TimeProvider.System.GetUtcNow(), TimeSpan.FromHours(1), claims);
    }

    private async Task StartIssuerAsync()
    {
        var keys = Path.Combine(directory, "keys");
        Provisioning.EnsureKeys(keys, []);
        signer = new MessageSigner("issuer", Path.Combine(keys, "issuer"), TimeProvider.System);
        using var key = ECDsa.Create();
        key.ImportFromPem(await File.ReadAllTextAsync(Path.Combine(keys, "issuer", "issuer-1.pem")));
        var point = key.ExportParameters(includePrivateParameters: false).Q;

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenAnyIP(0, listen => listen.UseHttps(NewCertificate())));
        issuer = builder.Build();
        issuer.MapGet("/.well-known/openid-configuration", () => Results.Json(new JsonObject { ["issuer"] = issuerAddress, ["jwks_uri"] = $"{issuerAddress}/keys" }));
        issuer.MapGet("/keys", () => Results.Json(new JsonObject
        {
            ["keys"] = new JsonArray(new JsonObject
            {
                ["kty"] = "EC",
                ["crv"] = "P-256",
                ["kid"] = "issuer-1",
                ["x"] = Base64UrlEncoder.Encode(point.X),
                ["y"] = Base64UrlEncoder.Encode(point.Y),
            }),
        }));
        await issuer.StartAsync();
        issuerAddress = $"https://issuer:{new Uri(issuer.Urls.Single().Replace("[::]", "localhost", StringComparison.Ordinal)).Port}";
    }

    // As the authority of a company's own issuer gets into the containers.
    private X509Certificate2 NewCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=issuer", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("issuer");
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        var certificate = request.CreateSelfSigned(now.AddHours(-1), now.AddDays(1));
        File.WriteAllText(Path.Combine(TrustedFolder(), "issuer.pem"), certificate.ExportCertificatePem());
        return certificate;
    }

    private string TrustedFolder()
    {
        var folder = Directory.CreateDirectory(Path.Combine(directory, "trusted")).FullName;
        if (!OperatingSystem.IsWindows())
        {
            const UnixFileMode Everyone = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute
                | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
            File.SetUnixFileMode(directory, Everyone);
            File.SetUnixFileMode(folder, Everyone);
        }

        return folder;
    }

    // What tests need over what production does: the way to their issuer, and a database that speaks TLS whatever its image.
    private async Task<string> WriteTestsFileAsync()
    {
        var file = new JsonObject { ["services"] = new JsonObject() };
        foreach (var service in Services)
        {
            file["services"]![service] = new JsonObject
            {
                ["environment"] = new JsonObject { ["SSL_CERT_FILE"] = "/trusted/issuer.pem" },
                ["extra_hosts"] = new JsonArray("issuer:host-gateway"),
                ["volumes"] = new JsonArray($"{TrustedFolder()}:/trusted:ro"),
            };
        }

        file["services"]!["mongo"] = new JsonObject
        {
            ["user"] = "0:0",
            ["cap_add"] = new JsonArray("CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"),
            ["entrypoint"] = new JsonArray("bash", "/tests/start.sh"),
            ["volumes"] = new JsonArray($"{Path.Combine(Root(), "tests", "System.Tests", "Harness", "tls-database")}:/tests:ro"),
        };
        var path = Path.Combine(directory, "compose.tests.yml");
        await File.WriteAllTextAsync(path, file.ToJsonString());
        return path;
    }
}
