namespace Personalization.Portal;

/// <summary>What the pages ask Audit.</summary>
internal sealed class AuditClient(HttpClient http)
{
    private readonly ServiceApi api = new(http);

    public Task<Answer<Figures>> FiguresAsync(Session session, CancellationToken cancellationToken) => api.GetAsync<Figures>(session, "/internal/figures/audit", cancellationToken);

    public Task<Answer<AuditEntries>> EntriesAsync(Session session, long after, int limit, CancellationToken cancellationToken) =>
        api.GetAsync<AuditEntries>(session, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"/audit/entries?after={after}&limit={limit}"), cancellationToken);

    public Task<Answer<Checkpoint>> CheckpointAsync(Session session, CancellationToken cancellationToken) => api.GetAsync<Checkpoint>(session, "/audit/checkpoint", cancellationToken);

    public Task<Answer<InclusionProof>> ProofAsync(Session session, long number, long size, CancellationToken cancellationToken) =>
        api.GetAsync<InclusionProof>(session, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"/audit/entries/{number}/proof?size={size}"), cancellationToken);

    public Task<Answer<DataMap>> DataMapAsync(Session session, CancellationToken cancellationToken) => api.GetAsync<DataMap>(session, "/audit/data-map", cancellationToken);

    public Task<HttpResponseMessage?> DataMapAsync(Session session, string accept, string language, CancellationToken cancellationToken) =>
        api.OpenAsync(session, $"/audit/data-map?language={language}", accept, cancellationToken);

    public Task<HttpResponseMessage?> PackAsync(Session session, DateOnly from, DateOnly to, string accept, string language, CancellationToken cancellationToken) =>
        api.OpenAsync(session, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"/audit/pack?from={from:yyyy-MM-dd}&to={to:yyyy-MM-dd}&language={language}"), accept, cancellationToken, isLong: true);

    /// <summary>A page of incidents, of a state or else all.</summary>
    public Task<Answer<Items<Incident>>> IncidentsAsync(Session session, string? state, string? after, CancellationToken cancellationToken) =>
        api.GetAsync<Items<Incident>>(session, $"/incidents?limit=50{(state is null ? "" : $"&state={state}")}{(after is null ? "" : $"&after={Uri.EscapeDataString(after)}")}", cancellationToken);

    public Task<Answer<Incident>> ReadIncidentAsync(Session session, string incidentId, CancellationToken cancellationToken) => api.GetAsync<Incident>(session, PathOf(incidentId), cancellationToken);

    public Task<Answer<Incident>> RecordAsync(Session session, NewIncident incident, CancellationToken cancellationToken) =>
        api.SendAsync<Incident>(session, HttpMethod.Post, "/incidents", incident, cancellationToken);

    /// <summary>Says what was done and is known; an empty text takes back what was said.</summary>
    public Task<Answer<Incident>> MeasureAsync(
        Session session, string incidentId, IReadOnlyList<string> measures, string causes, string harm, string inquiry, CancellationToken cancellationToken) =>
        api.SendAsync<Incident>(session, HttpMethod.Put, $"{PathOf(incidentId)}/measures", new { measures, causes, harm, inquiry }, cancellationToken);

    /// <summary>Says that a notice was sent.</summary>
    public Task<Answer<Incident>> NotifyAsync(Session session, string incidentId, string notice, DateTimeOffset sentAt, string? reference, CancellationToken cancellationToken) =>
        api.SendAsync<Incident>(session, HttpMethod.Put, $"{PathOf(incidentId)}/notices/{Uri.EscapeDataString(notice)}", new { sentAt, reference }, cancellationToken);

    public Task<HttpResponseMessage?> IncidentAsync(Session session, string incidentId, string accept, string language, CancellationToken cancellationToken) =>
        api.OpenAsync(session, $"{PathOf(incidentId)}?language={language}", accept, cancellationToken);

    private static string PathOf(string incidentId) => $"/incidents/{Uri.EscapeDataString(incidentId)}";
}

/// <summary>What the services hold, as they announced it.</summary>
/// <param name="Awaiting">Those that haven't said for long: without them it isn't complete.</param>
public sealed record DataMap(IReadOnlyList<MappedService> Services, IReadOnlyList<string> Awaiting);

/// <summary>What one service holds.</summary>
public sealed record MappedService(string Name, string Region, DateTimeOffset AnnouncedAt, IReadOnlyList<MappedStore> Collections);

/// <summary>A collection of documents.</summary>
public sealed record MappedStore(string Name, string Encryption, CollectionContents Contents, long? Documents = null, DateOnly? OldestOn = null);

/// <summary>What is in it; no data: it is about nobody.</summary>
public sealed record CollectionContents(Wording What, IReadOnlyList<MappedData> Data);

/// <summary>In both languages.</summary>
public sealed record Wording(string Ru, string En);

/// <summary>A kind of personal data.</summary>
public sealed record MappedData(string Name, string Category);

/// <summary>That personal data may have got where it shouldn't.</summary>
public sealed record Incident(
    string Id, string What, DateTimeOffset NoticedAt, IReadOnlyList<string> Services, IReadOnlyList<string> Categories, IReadOnlyList<IncidentNotice> Notices, long? SubjectsAtMost = null,
    IReadOnlyList<string>? Measures = null, string? Causes = null, string? Harm = null, string? Inquiry = null, string? Contact = null);

/// <summary>An incident that is to be recorded.</summary>
public sealed record NewIncident(
    string What, DateTimeOffset NoticedAt, IReadOnlyList<string> Services, IReadOnlyList<string> Categories, IReadOnlyList<string> Measures, string? Causes = null, string? Harm = null,
    string? Contact = null);

/// <summary>Who has to be told of it, and by when.</summary>
public sealed record IncidentNotice(string Notice, DateTimeOffset DueAt, DateTimeOffset? SentAt = null, string? Reference = null);

/// <summary>A page of the log, oldest first.</summary>
public sealed record AuditEntries(IReadOnlyList<AuditEntry> Items, long? Next = null);

/// <summary>An entry: a fact that somebody committed to, without what it says.</summary>
public sealed record AuditEntry(long Number, DateTimeOffset RecordedAt, string Type, string Hash);

/// <summary>The signed end of the log.</summary>
public sealed record Checkpoint(long Size, string RootHash, DateTimeOffset Time, string KeyId);

/// <summary>What leads from an entry to the root of the log's tree (RFC 6962).</summary>
public sealed record InclusionProof(AuditEntry Entry, long Size, string RootHash, IReadOnlyList<string> Path);
