using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Personalization.Benchmarks.Harness;

/// <summary>
/// A keep-alive connection that sends requests made beforehand, one at a time. A client that does more would take more of the two cores
/// than an empty endpoint does, and so bring every ratio to it closer to 1.
/// </summary>
internal sealed class HttpConnection : IDisposable
{
    private static readonly byte[] EndOfHeaders = "\r\n\r\n"u8.ToArray();
    private readonly Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private byte[] buffer = new byte[16 * 1024];

    public static async Task<HttpConnection> OpenAsync(Uri address, CancellationToken cancellationToken)
    {
        var connection = new HttpConnection();
        try
        {
            await connection.socket.ConnectAsync(new IPEndPoint(IPAddress.Parse(address.Host), address.Port), cancellationToken);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>A request as it goes over the wire.</summary>
    public static byte[] Request(string method, string path, string? token, byte[]? body = null, string contentType = "application/json")
    {
        var head = new StringBuilder($"{method} {path} HTTP/1.1\r\nHost: localhost\r\n");
        if (token is not null) head.Append(CultureInfo.InvariantCulture, $"Authorization: Bearer {token}\r\n");
        if (body is not null) head.Append(CultureInfo.InvariantCulture, $"Content-Type: {contentType}\r\nContent-Length: {body.Length}\r\n");
        return [.. Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()), .. body ?? []];
    }

    /// <summary>The answer's status, and its body, which is valid until the next request.</summary>
    /// <exception cref="IOException">The connection was closed.</exception>
    public async ValueTask<(int Status, ReadOnlyMemory<byte> Body)> SendAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        while (request.Length > 0) request = request[await socket.SendAsync(request, cancellationToken)..];
        var length = 0;
        var headers = -1;
        var ends = int.MaxValue;
        var chunked = false;
        while (true)
        {
            if (length == buffer.Length) Array.Resize(ref buffer, buffer.Length * 2);
            var read = await socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken);
            if (read == 0) throw new IOException("The server closed the connection.");
            length += read;
            if (headers < 0)
            {
                headers = buffer.AsSpan(0, length).IndexOf(EndOfHeaders);
                if (headers < 0) continue;
                headers += EndOfHeaders.Length;
                (ends, chunked) = EndOf(buffer.AsSpan(0, headers));
            }

            // The end of a chunked body can't stand in it before: JSON has no line feed in a string, and this server writes none outside.
            if (chunked ? buffer.AsSpan(headers, length - headers).EndsWith("0\r\n\r\n"u8) : length >= ends)
                return (int.Parse(buffer.AsSpan(9, 3), CultureInfo.InvariantCulture), buffer.AsMemory(headers, length - headers));
        }
    }

    public void Dispose() => socket.Dispose();

    private static (int Ends, bool Chunked) EndOf(ReadOnlySpan<byte> headers)
    {
        const string Length = "Content-Length: ";
        var text = Encoding.ASCII.GetString(headers);
        var at = text.IndexOf(Length, StringComparison.OrdinalIgnoreCase);
        if (at < 0) return (headers.Length, text.Contains("Transfer-Encoding: chunked", StringComparison.OrdinalIgnoreCase));
        return Utf8Parser.TryParse(headers[(at + Length.Length)..], out int length, out _) ? (headers.Length + length, false) : throw new IOException("No length.");
    }
}
