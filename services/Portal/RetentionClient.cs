namespace Personalization.Portal;

/// <summary>What the pages ask Retention.</summary>
internal sealed class RetentionClient(HttpClient http)
{
    private readonly ServiceApi api = new(http);

    public Task<Answer<Figures>> FiguresAsync(Session session, CancellationToken cancellationToken) => api.GetAsync<Figures>(session, "/internal/figures/retention", cancellationToken);

    public Task<Answer<RetentionRules>> RulesAsync(Session session, CancellationToken cancellationToken) => api.GetAsync<RetentionRules>(session, "/retention-rules", cancellationToken);

    /// <summary>Of how many people these rules would erase something today. It looks through what is held, which takes its time.</summary>
    public Task<Answer<RulesPreview>> PreviewAsync(Session session, IReadOnlyList<RetentionRule> rules, CancellationToken cancellationToken) =>
        api.SendAsync<RulesPreview>(session, HttpMethod.Post, "/retention-rules/preview", new { rules }, cancellationToken, isLong: true);

    /// <summary>Replaces the rules of a version; others since are left alone.</summary>
    public Task<Answer<RetentionRules>> ReplaceRulesAsync(Session session, long version, IReadOnlyList<RetentionRule> rules, string reason, CancellationToken cancellationToken) =>
        api.SendAsync<RetentionRules>(session, HttpMethod.Put, "/retention-rules", new { rules, reason, version }, cancellationToken);

    public Task<Answer<ErasureCase>> ForgetAsync(Session person, CancellationToken cancellationToken) =>
        api.SendAsync<ErasureCase>(person, HttpMethod.Post, "/erasures", new { customerId = person.CustomerId }, cancellationToken);

    /// <summary>Records that an authority orders somebody's data destroyed, by when if it says so.</summary>
    public Task<Answer<ErasureCase>> OrderAsync(Session session, string customerId, string order, DateTimeOffset? dueAt, CancellationToken cancellationToken) =>
        api.SendAsync<ErasureCase>(session, HttpMethod.Post, "/erasures", new { customerId, reason = "ordered", order, dueAt }, cancellationToken);

    public Task<Answer<ErasureCase>> CaseAsync(Session session, string caseId, CancellationToken cancellationToken) => api.GetAsync<ErasureCase>(session, PathOf("erasures", caseId), cancellationToken);

    public Task<Answer<ErasureCase>> CancelAsync(Session person, string caseId, CancellationToken cancellationToken) =>
        api.SendAsync<ErasureCase>(person, HttpMethod.Post, $"{PathOf("erasures", caseId)}/cancel", null, cancellationToken);

    public Task<HttpResponseMessage?> CertificateAsync(Session session, string caseId, string accept, string language, CancellationToken cancellationToken) =>
        api.OpenAsync(session, $"{PathOf("erasures", caseId)}/certificate?language={language}", accept, cancellationToken);

    public Task<Answer<Export>> RequestExportAsync(Session person, string language, CancellationToken cancellationToken) =>
        api.SendAsync<Export>(person, HttpMethod.Post, "/exports", new { customerId = person.CustomerId, language }, cancellationToken);

    public Task<Answer<Export>> ReadExportAsync(Session person, string exportId, CancellationToken cancellationToken) => api.GetAsync<Export>(person, PathOf("exports", exportId), cancellationToken);

    public Task<Answer<Items<Export>>> OwnExportsAsync(Session person, CancellationToken cancellationToken) => api.GetAsync<Items<Export>>(person, "/exports", cancellationToken);

    public Task<Answer<Items<Objection>>> OwnObjectionsAsync(Session person, CancellationToken cancellationToken) => api.GetAsync<Items<Objection>>(person, "/objections", cancellationToken);

    public Task<HttpResponseMessage?> ArchiveAsync(Session person, string exportId, CancellationToken cancellationToken) =>
        api.OpenAsync(person, $"{PathOf("exports", exportId)}/archive", "application/zip, */*;q=0.1", cancellationToken, isLong: true);

    public Task<Answer<Objection>> ObjectAsync(Session person, string to, string? purpose, string? statement, CancellationToken cancellationToken) =>
        api.SendAsync<Objection>(person, HttpMethod.Post, "/objections", new { customerId = person.CustomerId, to, purpose, statement }, cancellationToken);

    public Task<Answer<Objection>> ObjectionAsync(Session session, string objectionId, CancellationToken cancellationToken) =>
        api.GetAsync<Objection>(session, PathOf("objections", objectionId), cancellationToken);

    /// <summary>A page of cases; the filter is a query.</summary>
    public Task<Answer<Items<ErasureCase>>> CasesAsync(Session session, string filter, string? after, CancellationToken cancellationToken) =>
        api.GetAsync<Items<ErasureCase>>(session, $"/erasures?{filter}&limit=50{(after is null ? "" : $"&after={Uri.EscapeDataString(after)}")}", cancellationToken);

    public Task<Answer<object>> RetryAsync(Session session, string caseId, CancellationToken cancellationToken) =>
        api.SendAsync<object>(session, HttpMethod.Post, $"{PathOf("erasures", caseId)}/retry", null, cancellationToken);

    public Task<Answer<Items<Objection>>> ObjectionsAsync(Session session, string state, string? after, CancellationToken cancellationToken) =>
        api.GetAsync<Items<Objection>>(session, $"/objections?state={state}&limit=50{(after is null ? "" : $"&after={Uri.EscapeDataString(after)}")}", cancellationToken);

    public Task<Answer<Objection>> ResolveAsync(Session session, string objectionId, string outcome, string answer, CancellationToken cancellationToken) =>
        api.SendAsync<Objection>(session, HttpMethod.Put, $"{PathOf("objections", objectionId)}/resolution", new { outcome, answer }, cancellationToken);

    /// <summary>A page of legal holds, of a state or else all.</summary>
    public Task<Answer<Items<LegalHold>>> HoldsAsync(Session session, string? state, string? after, CancellationToken cancellationToken) =>
        api.GetAsync<Items<LegalHold>>(
            session, $"/legal-holds?limit=50{(state is null ? "" : $"&state={state}")}{(after is null ? "" : $"&after={Uri.EscapeDataString(after)}")}", cancellationToken);

    public Task<Answer<LegalHold>> HoldAsync(
        Session session, string customerId, IReadOnlyList<string> categories, IReadOnlyList<string>? purposes, string reason, DateTimeOffset? until, CancellationToken cancellationToken) =>
        api.SendAsync<LegalHold>(session, HttpMethod.Post, "/legal-holds", new { customerId, categories, purposes, reason, until }, cancellationToken);

    public Task<Answer<LegalHold>> EndHoldAsync(Session session, string holdId, CancellationToken cancellationToken) =>
        api.SendAsync<LegalHold>(session, HttpMethod.Delete, PathOf("legal-holds", holdId), null, cancellationToken);

    private static string PathOf(string collection, string id) => $"/{collection}/{Uri.EscapeDataString(id)}";
}

/// <summary>How long data is kept.</summary>
public sealed record RetentionRules(long Version, IReadOnlyList<RetentionRule> Rules, RuleChange? Change = null);

/// <summary>Why the rules are so.</summary>
public sealed record RuleChange(DateTimeOffset At, string Reason);

/// <summary>How long a category is kept for a purpose.</summary>
public sealed record RetentionRule(string Purpose, string Category, int KeepDays, string? From = null, string? LegalBasis = null, int? FreezeDays = null);

/// <summary>What other rules would erase, by service.</summary>
public sealed record RulesPreview(IReadOnlyDictionary<string, ServicePreview> Services);

/// <summary>What they would erase in a service.</summary>
/// <param name="Counts">By purpose and category, also where it is nothing.</param>
/// <param name="LookedAt">How many data that rests on.</param>
/// <param name="Of">How many there are.</param>
public sealed record ServicePreview(IReadOnlyList<WouldErase> Counts, long LookedAt, long Of);

/// <summary>Of how many people.</summary>
public sealed record WouldErase(string Purpose, string Category, SuppressedCount People);

/// <summary>An erasure on its way; the answer to a demand has no more than the first two and until when it can be cancelled.</summary>
public sealed record ErasureCase(
    string CaseId, string State, string? Reason = null, DateTimeOffset? OpenedAt = null, DateTimeOffset? DueAt = null, bool IsOverdue = false, DateTimeOffset? CompletedAt = null,
    IReadOnlyList<string>? Participants = null, IReadOnlyList<string>? Awaiting = null, IReadOnlyList<ErasureReceipt>? Receipts = null,
    DateTimeOffset? CancellableUntil = null, string? Order = null)
{
    /// <summary>Whether every receipt is in, and with it the certificate.</summary>
    public bool IsCompleted => CompletedAt is not null;

    /// <summary>Whether the demand was taken back.</summary>
    public bool IsCancelled => State == "cancelled";
}

/// <summary>What a participant did.</summary>
public sealed record ErasureReceipt(
    string Participant, DateTimeOffset ErasedAt, IReadOnlyList<ErasedData> Erased, IReadOnlyList<RetainedData> Retained, IReadOnlyList<ResidualScan> Residual, string? Failure = null);

/// <summary>What is gone.</summary>
public sealed record ErasedData(string Store, string Category, long Count, string Method);

/// <summary>What had to stay.</summary>
public sealed record RetainedData(string Store, string Category, long Count, string Reason, DateTimeOffset? Until = null);

/// <summary>A search afterwards.</summary>
public sealed record ResidualScan(string Searched, long Found);

/// <summary>An export, and in the answer to the request alone its password.</summary>
public sealed record Export(
    string ExportId, string State, DateTimeOffset RequestedAt, DateTimeOffset DueAt, IReadOnlyList<string> Awaiting, IReadOnlyList<MissingPart> Missing, string? Link = null, DateTimeOffset? LinkUntil = null,
    string? Password = null);

/// <summary>Somebody whose part is missing in an export.</summary>
public sealed record MissingPart(string Participant, string Reason);

/// <summary>An objection and its answer.</summary>
public sealed record Objection(
    string ObjectionId, string To, string State, DateTimeOffset ReceivedAt, DateTimeOffset DueAt, bool IsOverdue, string? Purpose = null, string? Outcome = null, string? Answer = null,
    DateTimeOffset? ResolvedAt = null, string? Statement = null, string? CustomerId = null, IReadOnlyList<FieldHint>? Hints = null);

/// <summary>Keeps categories of somebody's data frozen.</summary>
public sealed record LegalHold(
    string HoldId, IReadOnlyList<string> Categories, string Reason, DateTimeOffset PlacedAt, DateTimeOffset? Until = null, DateTimeOffset? EndedAt = null, IReadOnlyList<string>? Purposes = null);
