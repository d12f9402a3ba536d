using System.Net;
using System.Net.Sockets;

namespace Personalization.Testing;

/// <summary>A TCP connection between services that a test can cut, or hold up.</summary>
public sealed class Link : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stopping = new();
    private readonly Lock gate = new();
    private readonly HashSet<TcpClient> open = [];
    private readonly Task accepting;
    private bool isCut;
    private TaskCompletionSource? stalled;

    public Link()
    {
        listener.Start();
        accepting = AcceptAsync();
    }

    /// <summary>Where to connect to.</summary>
    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");

    /// <summary>Where it leads.</summary>
    public Uri? Target { get; set; }

    /// <summary>Ends what is open and lets nothing new through.</summary>
    public void Cut()
    {
        lock (gate)
        {
            isCut = true;
            foreach (var client in open) client.Close();
            open.Clear();
        }
    }

    /// <summary>Keeps what is sent, in both directions, until it is mended; nobody is told.</summary>
    public void Stall()
    {
        lock (gate) stalled ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Lets everything through again.</summary>
    public void Mend()
    {
        TaskCompletionSource? waiting;
        lock (gate) (isCut, waiting, stalled) = (false, stalled, null);
        waiting?.SetResult();
    }

    public async ValueTask DisposeAsync()
    {
        Cut();
        await stopping.CancelAsync();
        listener.Stop();
        await accepting;
        stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = ForwardAsync(await listener.AcceptTcpClientAsync(stopping.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private async Task ForwardAsync(TcpClient client)
    {
        using var server = new TcpClient();
        using (client)
        {
            lock (gate)
            {
                if (isCut || Target is null) return;
                open.Add(client);
                open.Add(server);
            }

            try
            {
                await server.ConnectAsync(Target.Host, Target.Port);
                var (near, far) = (client.GetStream(), server.GetStream());
                await await Task.WhenAny(CopyAsync(near, far), CopyAsync(far, near));
            }
            catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
            {
                // Cut.
            }
            finally
            {
                lock (gate)
                {
                    open.Remove(client);
                    open.Remove(server);
                }
            }
        }
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to)
    {
        var buffer = new byte[16 * 1024];
        while (await from.ReadAsync(buffer, stopping.Token) is > 0 and var count)
        {
            Task mended;
            lock (gate) mended = stalled?.Task ?? Task.CompletedTask;
            await mended.WaitAsync(stopping.Token);
            await to.WriteAsync(buffer.AsMemory(0, count), stopping.Token);
        }
    }
}
