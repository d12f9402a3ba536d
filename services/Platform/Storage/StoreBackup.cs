using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Personalization.Platform.Privacy;

namespace Personalization.Platform.Storage;

/// <summary>Which store a backup is of.</summary>
/// <param name="Service">Whose.</param>
/// <param name="Store"><c>data</c> or <c>keys</c>.</param>
/// <param name="MadeAt">When it was begun, UTC.</param>
public sealed record BackupHeader(string Service, string Store, DateTimeOffset MadeAt)
{
    /// <summary>The form of the file.</summary>
    public const string FormatName = "personalization-backup/1";

    /// <summary>The form of this file.</summary>
    public string Format { get; init; } = FormatName;
}

/// <summary>A file isn't a whole backup of the form expected; the message says what is wrong with it.</summary>
public sealed class BackupUnusableException(string message) : Exception(message);

/// <summary>
/// Copies of a store, the same for every back end: gzipped lines of JSON, the header first, a document a line, and last a line that counts and
/// hashes them, so that a copy cut short is not taken for a whole one. Bodies stay as the store holds them: what is sealed there is sealed here.
/// </summary>
public static class StoreBackup
{
    /// <summary>A service whose store holds it doesn't start: a restore into it was broken off.</summary>
    public const string Unfinished = "restore_unfinished";

    private const int Batch = 200;

    // How far erasures were carried out, before the rows: where the store can't show one moment, rows of an erasure in between are erased again,
    // and never the other way round.
    private static readonly string[] First = [SubjectKeys.PositionSchema.Name, "erasure_positions", "consent_positions", "erasure_records"];

    /// <summary>Writes a copy.</summary>
    /// <returns>How many documents are in it.</returns>
    public static async Task<long> WriteAsync(IDocumentStore store, BackupHeader header, Stream output, CancellationToken cancellationToken)
    {
        await using var gzip = new GZipStream(output, CompressionLevel.Optimal, leaveOpen: true);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var documents = 0L;
        await LineAsync(header);
        await foreach (var document in store.ReadAllAsync(First, cancellationToken))
        {
            await LineAsync(new Line { Collection = document.Key.Collection, Id = document.Key.Id, IsSealed = document.IsSealed, Body = document.Body.ToArray(), Fields = document.Fields });
            documents++;
        }

        await LineAsync(new End { Documents = documents, Sha256 = Convert.ToHexStringLower(hash.GetCurrentHash()) });
        return documents;

        async Task LineAsync<T>(T value)
        {
            byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(value, Json.Options), (byte)'\n'];
            hash.AppendData(line);
            await gzip.WriteAsync(line, cancellationToken);
        }
    }

    /// <summary>Reads a copy to its end without using it.</summary>
    /// <exception cref="BackupUnusableException">It isn't whole.</exception>
    public static async Task<BackupHeader> CheckAsync(Stream input, CancellationToken cancellationToken)
    {
        BackupHeader? header = null;
        await foreach (var _ in LinesAsync(input, found => header = found, cancellationToken))
        {
        }

        return header!;
    }

    /// <summary>
    /// Puts a copy in place of all that the store holds; no service may use the store meanwhile. Started after it, the service carries out the
    /// erasures since the copy before it is ready. Broken off, it leaves a mark with which the service doesn't start.
    /// </summary>
    /// <returns>How many documents were restored.</returns>
    /// <exception cref="BackupUnusableException">It isn't whole.</exception>
    public static async Task<long> RestoreAsync(IDocumentStore store, Stream input, CancellationToken cancellationToken)
    {
        await store.InitializeAsync([new CollectionSchema(Unfinished, [])], cancellationToken);
        foreach (var collection in (await store.CountCollectionsAsync(cancellationToken)).Keys.Where(name => name != Unfinished)) await store.DropAsync(collection, cancellationToken);
        var fields = new Dictionary<string, HashSet<string>>();
        var restored = 0L;
        await foreach (var lines in BatchesAsync(LinesAsync(input, _ => { }, cancellationToken)))
        {
            await DeclareAsync(lines);
            await store.WriteAsync(
                [.. lines.Select(line => DocumentWrite.Put(new DocumentKey(line.Collection, line.Id), 0, line.Body, line.IsSealed, line.Fields))], cancellationToken);
            restored += lines.Count;
        }

        await store.DropAsync(Unfinished, cancellationToken);
        return restored;

        // What the lines use; the service declares the rest when it starts.
        async Task DeclareAsync(IReadOnlyList<Line> lines)
        {
            var isNew = false;
            foreach (var line in lines)
            {
                if (!fields.TryGetValue(line.Collection, out var known)) (isNew, fields[line.Collection]) = (true, known = []);
                foreach (var field in line.Fields.Keys) isNew |= known.Add(field);
            }

            if (isNew) await store.InitializeAsync([.. fields.Select(pair => new CollectionSchema(pair.Key, [.. pair.Value]))], cancellationToken);
        }
    }

    private static async IAsyncEnumerable<List<Line>> BatchesAsync(IAsyncEnumerable<Line> lines)
    {
        var batch = new List<Line>();
        await foreach (var line in lines)
        {
            batch.Add(line);
            if (batch.Count < Batch) continue;
            yield return batch;
            batch = [];
        }

        if (batch.Count > 0) yield return batch;
    }

    private static async IAsyncEnumerable<Line> LinesAsync(
        Stream input, Action<BackupHeader> header, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var gzip = new GZipStream(input, CompressionMode.Decompress, leaveOpen: true);
        using var reader = new StreamReader(gzip);
        var documents = 0L;
        for (var number = 1; ; number++)
        {
            var text = await NextAsync(reader, cancellationToken) ?? throw new BackupUnusableException("It ends before its last line.");
            if (number == 1)
            {
                header(Read<BackupHeader>(text, number) is { Format: BackupHeader.FormatName } found ? found : throw new BackupUnusableException($"It is not of the form {BackupHeader.FormatName}."));
            }
            else if (text.StartsWith("""{"documents":""", StringComparison.Ordinal))
            {
                var end = Read<End>(text, number);
                if (end.Documents != documents || end.Sha256 != Convert.ToHexStringLower(hash.GetCurrentHash())) throw new BackupUnusableException("Something in it was changed or is missing.");
                if (await NextAsync(reader, cancellationToken) is not null) throw new BackupUnusableException("It goes on after its last line.");
                yield break;
            }
            else
            {
                yield return Read<Line>(text, number);
                documents++;
            }

            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(text + '\n'));
        }
    }

    private static async Task<string?> NextAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadLineAsync(cancellationToken);
        }
        catch (InvalidDataException)
        {
            throw new BackupUnusableException("It is damaged.");
        }
    }

    private static T Read<T>(string line, int number)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(line, Json.Options)!;
        }
        catch (JsonException)
        {
            throw new BackupUnusableException($"Line {number} can't be read.");
        }
    }

    private sealed record Line
    {
        public required string Collection { get; init; }

        public required string Id { get; init; }

        [JsonPropertyName("sealed")]
        public required bool IsSealed { get; init; }

        public required IReadOnlyDictionary<string, string> Fields { get; init; }

        public required byte[] Body { get; init; }
    }

    private sealed record End
    {
        public required long Documents { get; init; }

        public required string Sha256 { get; init; }
    }
}
