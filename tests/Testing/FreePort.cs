using System.Net;
using System.Net.Sockets;

namespace Personalization.Testing;

/// <summary>A port of the loopback address that nobody listens at just now.</summary>
public static class FreePort
{
    public static int Find()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
