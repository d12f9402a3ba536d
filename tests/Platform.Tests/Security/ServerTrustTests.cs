using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Personalization.Platform.Messaging;
using Personalization.Platform.Security;
using Xunit;

namespace Personalization.Platform.Tests.Security;

public sealed class ServerTrustTests : IDisposable
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private readonly string keys = Directory.CreateTempSubdirectory("personalization-trust-").FullName;
    private readonly X509Certificate2 authority = NewAuthority("CN=ours"), stranger = NewAuthority("CN=ours");

    public ServerTrustTests()
    {
        Directory.CreateDirectory(Path.Combine(keys, "shared"));
        File.WriteAllText(ServerTrust.FileIn(keys), authority.ExportCertificatePem());
    }

    public void Dispose()
    {
        authority.Dispose();
        stranger.Dispose();
        Directory.Delete(keys, recursive: true);
    }

    [Fact]
    public async Task A_server_of_the_authority_is_spoken_to_by_its_name() => Assert.True(await HandshakeAsync(Issue(authority, "localhost"), new ServerTrust(keys)));

    [Fact]
    public async Task A_server_of_another_authority_of_the_same_name_is_not() => Assert.False(await HandshakeAsync(Issue(stranger, "localhost"), new ServerTrust(keys)));

    [Fact]
    public async Task A_server_of_another_name_is_not() => Assert.False(await HandshakeAsync(Issue(authority, "elsewhere"), new ServerTrust(keys)));

    [Fact]
    public async Task An_expired_certificate_is_not() => Assert.False(await HandshakeAsync(Issue(authority, "localhost", until: Now.AddMinutes(-5)), new ServerTrust(keys)));

    [Fact]
    public async Task A_certificate_for_clients_is_not() => Assert.False(await HandshakeAsync(Issue(authority, "localhost", usage: "1.3.6.1.5.5.7.3.2"), new ServerTrust(keys)));

    [Fact]
    public async Task Without_an_authority_of_its_own_the_machines_count() =>
        Assert.False(await HandshakeAsync(Issue(authority, "localhost"), new ServerTrust(Path.Combine(keys, "nothing"))));

    [Fact]
    public async Task While_an_authority_is_replaced_both_count()
    {
        File.AppendAllText(ServerTrust.FileIn(keys), $"\n{stranger.ExportCertificatePem()}\n");

        Assert.True(await HandshakeAsync(Issue(authority, "localhost"), new ServerTrust(keys)));
        Assert.True(await HandshakeAsync(Issue(stranger, "localhost"), new ServerTrust(keys)));
    }

    // By itself MassTransit would take the certificate of any authority.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_bus_says_nothing_to_a_broker_of_another_authority(bool isOurs)
    {
        using var certificate = Issue(isOurs ? authority : stranger, "localhost");
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var broker = new Uri("amqps://audit:" + $"secret@localhost:{((IPEndPoint)listener.LocalEndpoint).Port}/personalization");
        var services = new ServiceCollection();
        services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        services.AddLogging();
        services.AddBus(broker, new ServerTrust(keys), ["audit"], new ConsumerRegistry([]));
        await using var provider = services.BuildServiceProvider();
        var bus = provider.GetRequiredService<IBusControl>();
        using var stop = new CancellationTokenSource();
        var starting = bus.StartAsync(stop.Token);

        var said = await HeardAsync(listener, certificate);

        Assert.Equal(isOurs ? "AMQP" : "", said);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => starting);
    }

    // What the first who connects says through TLS; nothing, if they go away.
    private static async Task<string> HeardAsync(TcpListener listener, X509Certificate2 certificate)
    {
        using var client = await listener.AcceptTcpClientAsync();
        await using var stream = new SslStream(client.GetStream());
        try
        {
            await stream.AuthenticateAsServerAsync(certificate);
            var said = new byte[4];
            return Encoding.ASCII.GetString(said, 0, await stream.ReadAtLeastAsync(said, said.Length, throwOnEndOfStream: false));
        }
        catch (Exception e) when (e is IOException or AuthenticationException)
        {
            return "";
        }
    }

    private static async Task<bool> HandshakeAsync(X509Certificate2 certificate, ServerTrust trust)
    {
        using var held = certificate;
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var heard = HeardAsync(listener, certificate);
        using var client = new TcpClient();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        await using var stream = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, trust.Accepts);
        try
        {
            await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", EnabledSslProtocols = ServerTrust.Protocols });
            await stream.WriteAsync("AMQP"u8.ToArray());
            return await heard == "AMQP";
        }
        catch (AuthenticationException)
        {
            client.Close();
            Assert.Equal("", await heard);
            return false;
        }
    }

    private static X509Certificate2 NewAuthority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request.CreateSelfSigned(Now.AddDays(-2), Now.AddDays(1));
    }

    private static X509Certificate2 Issue(X509Certificate2 authority, string name, DateTimeOffset? until = null, string usage = "1.3.6.1.5.5.7.3.1")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(authority, Now.AddDays(-1), until ?? Now.AddHours(1), RandomNumberGenerator.GetBytes(8));
        using var withKey = certificate.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null);
    }
}
