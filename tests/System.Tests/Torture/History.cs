using System.Diagnostics;
using System.Text.Json.Serialization;
using System.Threading.Channels;

namespace Personalization.System.Tests.Torture;

/// <summary>What was asked of the system or done to it.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Act>))]
internal enum Act
{
    /// <summary>A purpose is granted.</summary>
    Grant,

    /// <summary>A purpose is revoked; without one, all.</summary>
    Revoke,

    /// <summary>An erasure of everything is demanded.</summary>
    Erase,

    /// <summary>An event is published.</summary>
    Publish,

    /// <summary>Recommendations are asked for.</summary>
    Recommend,

    /// <summary>An audience is read.</summary>
    ReadAudience,

    /// <summary>Something is done to a process, the broker or a connection.</summary>
    Disturb,
}

/// <summary>One operation, from its beginning to its end by one clock.</summary>
/// <param name="Act">What.</param>
/// <param name="Customer">Whose; of a disturbance, what it was.</param>
/// <param name="Invoked">Before anything was sent.</param>
/// <param name="Returned">After the answer was read, or given up.</param>
/// <param name="Status">Of the answer; 0 if there was none: it may have had effect, or have it yet.</param>
internal sealed record Operation(Act Act, string Customer, DateTimeOffset Invoked, DateTimeOffset Returned, int Status)
{
    /// <summary>Of a grant, revocation or audience.</summary>
    public string? Purpose { get; init; }

    /// <summary>Of an event: its time, which no other event of the customer has. It was stored.</summary>
    public DateTimeOffset? Stored { get; init; }

    /// <summary>Whether recommendations were personal.</summary>
    public bool Personalized { get; init; }

    /// <summary>Who was in the audience.</summary>
    public IReadOnlyList<string> Members { get; init; } = [];

    /// <summary>Whether it takes the purpose away.</summary>
    public bool Ends(string purpose) => Act == Act.Erase || (Act == Act.Revoke && (Purpose is null || Purpose == purpose));

    /// <summary>Whether it was recorded that it takes the purpose away.</summary>
    public bool IsAcknowledged => Status is 200 or 202;
}

/// <summary>All operations in the order of their ends; written down by one writer, a line each.</summary>
internal sealed class History : IAsyncDisposable
{
    private readonly long startedAt = Stopwatch.GetTimestamp();
    private readonly DateTimeOffset start = TimeProvider.System.GetUtcNow();
    private readonly Channel<Operation> arriving = Channel.CreateUnbounded<Operation>(new UnboundedChannelOptions { SingleReader = true });
    private readonly List<Operation> operations = [];
    private readonly Task writing;

    public History(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        Place = path;
        writing = WriteAsync(path);
    }

    /// <summary>Where it is written.</summary>
    public string Place { get; }

    /// <summary>A clock that never goes back.</summary>
    public DateTimeOffset Now => start + Stopwatch.GetElapsedTime(startedAt);

    public void Add(Operation operation) => arriving.Writer.TryWrite(operation);

    /// <summary>Ends it; everything that was added.</summary>
    public async Task<IReadOnlyList<Operation>> CompleteAsync()
    {
        arriving.Writer.TryComplete();
        await writing;
        return operations;
    }

    public async ValueTask DisposeAsync() => await CompleteAsync();

    private async Task WriteAsync(string path)
    {
        await using var lines = File.CreateText(path);
        await foreach (var operation in arriving.Reader.ReadAllAsync())
        {
            operations.Add(operation);
            await lines.WriteLineAsync(global::System.Text.Json.JsonSerializer.Serialize(operation, Platform.Json.Options));
        }
    }
}
