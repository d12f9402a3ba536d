using System.Diagnostics;
using System.Text;

namespace Personalization.Benchmarks.Harness;

/// <summary>Several connections that each send the next request when the last was answered.</summary>
internal sealed class HttpLoad : IDisposable
{
    private readonly HttpConnection[] connections;

    private HttpLoad(HttpConnection[] connections) => this.connections = connections;

    public static async Task<HttpLoad> OpenAsync(Uri address, int connections, CancellationToken cancellationToken) =>
        new(await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => HttpConnection.OpenAsync(address, cancellationToken))));

    /// <summary>Sends requests for so long.</summary>
    /// <param name="duration">No request is sent later.</param>
    /// <param name="next">Any of the requests.</param>
    /// <param name="isRight">Whether the body is what it has to be; a wrong one fails the run.</param>
    /// <param name="cancellationToken">Ends it at once.</param>
    /// <returns>Requests per second, and how long each took.</returns>
    public async Task<(double Rate, IReadOnlyList<double> Milliseconds)> RunAsync(
        TimeSpan duration, IReadOnlyList<byte[]> next, Func<ReadOnlyMemory<byte>, bool>? isRight, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var took = await Task.WhenAll(connections.Select((connection, index) => Task.Run(
            async () =>
            {
                var times = new List<double>();
                for (var i = index; Stopwatch.GetElapsedTime(started) < duration; i += connections.Length)
                {
                    var sent = Stopwatch.GetTimestamp();
                    await SendAsync(connection, next[i % next.Count], isRight, cancellationToken);
                    times.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
                }

                return times;
            },
            cancellationToken)));
        return (took.Sum(times => times.Count) / Stopwatch.GetElapsedTime(started).TotalSeconds, [.. took.SelectMany(times => times)]);
    }

    /// <summary>Sends each of the requests once.</summary>
    public async Task SendAllAsync(IReadOnlyList<byte[]> requests, CancellationToken cancellationToken)
    {
        var sent = -1;
        await Task.WhenAll(connections.Select(connection => Task.Run(
            async () =>
            {
                while (Interlocked.Increment(ref sent) is var i && i < requests.Count) await SendAsync(connection, requests[i], null, cancellationToken);
            },
            cancellationToken)));
    }

    /// <summary>Sends each of the requests once and says what each was answered with and how long it took.</summary>
    public async Task<IReadOnlyList<(int Status, double Milliseconds)>> TimeAllAsync(IReadOnlyList<byte[]> requests, CancellationToken cancellationToken)
    {
        var sent = -1;
        var answers = new (int Status, double Milliseconds)[requests.Count];
        await Task.WhenAll(connections.Select(connection => Task.Run(
            async () =>
            {
                while (Interlocked.Increment(ref sent) is var i && i < requests.Count)
                {
                    var started = Stopwatch.GetTimestamp();
                    var (status, _) = await connection.SendAsync(requests[i], cancellationToken);
                    answers[i] = (status, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
                }
            },
            cancellationToken)));
        return answers;
    }

    public void Dispose()
    {
        foreach (var connection in connections) connection.Dispose();
    }

    private static async Task SendAsync(HttpConnection connection, byte[] request, Func<ReadOnlyMemory<byte>, bool>? isRight, CancellationToken cancellationToken)
    {
        var (status, body) = await connection.SendAsync(request, cancellationToken);
        if (status != 200 || isRight?.Invoke(body) == false) throw new InvalidOperationException($"Answered {status}: {Encoding.UTF8.GetString(body.Span)}");
    }
}
