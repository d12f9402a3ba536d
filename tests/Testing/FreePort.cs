using System.Net;
using System.Net.Sockets;

namespace Personalization.Testing;

/// <summary>A port of the loopback address that nobody listens at just now.</summary>
public static class FreePort
{
    // Below those that systems give to whoever connects: one of these would be gone again before the service that is to listen there has started.
    private const int Lowest = 12_000;
    private const int Highest = 32_000;

    private static int last = Random.Shared.Next(Lowest, Highest);

    /// <summary>Each call names another one.</summary>
    public static int Find()
    {
        while (true)
        {
            var port = Lowest + (int)((uint)Interlocked.Increment(ref last) % (Highest - Lowest));
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // Somebody listens there.
            }
        }
    }
}
