namespace Personalization.Portal;

/// <summary>What the pages ask Audit.</summary>
internal sealed class AuditClient(HttpClient http)
{
    private readonly ServiceApi api = new(http);

    public Task<Answer<AuditEntries>> EntriesAsync(Session session, long after, int limit, CancellationToken cancellationToken) =>
        api.GetAsync<AuditEntries>(session, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"/audit/entries?after={after}&limit={limit}"), cancellationToken);

    public Task<Answer<Checkpoint>> CheckpointAsync(Session session, CancellationToken cancellationToken) => api.GetAsync<Checkpoint>(session, "/audit/checkpoint", cancellationToken);

    public Task<Answer<InclusionProof>> ProofAsync(Session session, long number, long size, CancellationToken cancellationToken) =>
        api.GetAsync<InclusionProof>(session, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"/audit/entries/{number}/proof?size={size}"), cancellationToken);
}

/// <summary>A page of the log, oldest first.</summary>
public sealed record AuditEntries(IReadOnlyList<AuditEntry> Items, long? Next = null);

/// <summary>An entry: a fact that somebody committed to, without what it says.</summary>
public sealed record AuditEntry(long Number, DateTimeOffset RecordedAt, string Type, string Hash);

/// <summary>The signed end of the log.</summary>
public sealed record Checkpoint(long Size, string RootHash, DateTimeOffset Time, string KeyId);

/// <summary>What leads from an entry to the root of the log's tree (RFC 6962).</summary>
public sealed record InclusionProof(AuditEntry Entry, long Size, string RootHash, IReadOnlyList<string> Path);
