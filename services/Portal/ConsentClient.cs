namespace Personalization.Portal;

/// <summary>What the pages ask Consent.</summary>
internal sealed class ConsentClient(HttpClient http)
{
    private const string Channel = "portal";

    private readonly ServiceApi api = new(http);

    public Task<Answer<Figures>> FiguresAsync(Session session, CancellationToken cancellationToken) => api.GetAsync<Figures>(session, "/internal/figures/consent", cancellationToken);

    public Task<Answer<Items<Purpose>>> PurposesAsync(CancellationToken cancellationToken) => api.GetAsync<Items<Purpose>>(null, "/purposes", cancellationToken);

    public Task<Answer<Consents>> ConsentsAsync(Session person, CancellationToken cancellationToken) => api.GetAsync<Consents>(person, PathOf(person), cancellationToken);

    public Task<Answer<Items<Reward>>> RewardsAsync(Session person, CancellationToken cancellationToken) => api.GetAsync<Items<Reward>>(person, $"{PathOf(person)}/rewards", cancellationToken);

    /// <summary>Tells that a notice was shown.</summary>
    public Task<Answer<ServedNotice>> ServedAsync(Session person, string purpose, int noticeVersion, string language, CancellationToken cancellationToken) =>
        api.SendAsync<ServedNotice>(person, HttpMethod.Post, $"/purposes/{Uri.EscapeDataString(purpose)}/served", new { noticeVersion, language, channel = Channel }, cancellationToken);

    /// <summary>Grants these categories, on what the person was shown.</summary>
    public Task<Answer<Decided>> GrantAsync(
        Session person, string purpose, int noticeVersion, string language, IReadOnlyList<string> categories, string? shown, string? servedNoticeId, CancellationToken cancellationToken) =>
        api.SendAsync<Decided>(
            person, HttpMethod.Put, $"{PathOf(person)}/{Uri.EscapeDataString(purpose)}", new { decision = "granted", noticeVersion, language, channel = Channel, categories, servedNoticeId },
            cancellationToken, shown);

    public Task<Answer<Decided>> DenyAsync(Session person, string purpose, int noticeVersion, string language, string? servedNoticeId, CancellationToken cancellationToken) =>
        api.SendAsync<Decided>(
            person, HttpMethod.Put, $"{PathOf(person)}/{Uri.EscapeDataString(purpose)}", new { decision = "denied", noticeVersion, language, channel = Channel, servedNoticeId }, cancellationToken);

    public Task<Answer<Decided>> RevokeAsync(Session person, string purpose, CancellationToken cancellationToken) =>
        api.SendAsync<Decided>(person, HttpMethod.Delete, $"{PathOf(person)}/{Uri.EscapeDataString(purpose)}", null, cancellationToken);

    public Task<Answer<Decided>> RevokeAllAsync(Session person, CancellationToken cancellationToken) => api.SendAsync<Decided>(person, HttpMethod.Delete, PathOf(person), null, cancellationToken);

    /// <summary>Has everything kept and not used.</summary>
    public Task<Answer<Restricted>> RestrictAsync(Session person, string reason, CancellationToken cancellationToken) =>
        api.SendAsync<Restricted>(person, HttpMethod.Post, "/restrictions", new { person.CustomerId, reason }, cancellationToken);

    public Task<Answer<Restricted>> LiftAsync(Session session, string restrictionId, CancellationToken cancellationToken) =>
        api.SendAsync<Restricted>(session, HttpMethod.Delete, $"/restrictions/{Uri.EscapeDataString(restrictionId)}", null, cancellationToken);

    /// <summary>A page of the restrictions that stand.</summary>
    public Task<Answer<Items<Restriction>>> RestrictionsAsync(Session officer, string? after, CancellationToken cancellationToken) =>
        api.GetAsync<Items<Restriction>>(officer, $"/restrictions?limit=50{(after is null ? "" : $"&after={Uri.EscapeDataString(after)}")}", cancellationToken);

    /// <summary>A page of a person's decisions, the newest first, before a version or the last; with <c>next</c>, the version to ask before for the next.</summary>
    public Task<Answer<Items<HistoryEntry>>> HistoryAsync(Session person, long? before, CancellationToken cancellationToken) =>
        api.GetAsync<Items<HistoryEntry>>(person, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{PathOf(person)}/history?before={before ?? long.MaxValue}&limit=50"), cancellationToken);

    public Task<HttpResponseMessage?> ReceiptAsync(Session person, string receiptId, string accept, string language, CancellationToken cancellationToken) =>
        api.OpenAsync(person, $"{PathOf(person)}/receipts/{Uri.EscapeDataString(receiptId)}?language={language}", accept, cancellationToken);

    /// <summary>How people decided from a day on; null: in the last 30 days.</summary>
    public Task<Answer<ConsentReport>> ReportAsync(Session session, DateOnly? from, CancellationToken cancellationToken) => api.GetAsync<ConsentReport>(
        session, from is null ? "/reports/consents" : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"/reports/consents?from={from:yyyy-MM-dd}"), cancellationToken);

    private static string PathOf(Session person) => $"/consents/{Uri.EscapeDataString(person.CustomerId!)}";
}

/// <summary>What people are asked.</summary>
public sealed record Purpose(
    string Id, string Type, string LawfulBasis, int NoticeVersion, IReadOnlyList<string> Categories, IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> CategoryNames,
    IReadOnlyList<string> SensitiveCategories, IReadOnlyList<string> Recipients, IReadOnlyList<string> Processors, IReadOnlyList<string> StorageLocations, IReadOnlyList<Notice> Notices,
    PromisedReward? Reward = null, int? ValidDays = null)
{
    /// <summary>The text in that language, or the one there is.</summary>
    public Notice NoticeIn(string language) => Notices.FirstOrDefault(notice => notice.Language == language) ?? Notices[0];

    /// <summary>What a category is called in that language.</summary>
    public string NameOf(string category, string language) => CategoryNames.GetValueOrDefault(category)?.GetValueOrDefault(language) ?? category.Replace('-', ' ');
}

/// <summary>A text people decide on.</summary>
public sealed record Notice(string Language, string Title, string Text);

/// <summary>A thank-you for openness.</summary>
public sealed record PromisedReward(string Id, IReadOnlyDictionary<string, string> Titles);

/// <summary>A thank-you that was given.</summary>
public sealed record Reward(string RewardId, DateTimeOffset GrantedAt, string? Code = null);

/// <summary>A person's choices.</summary>
public sealed record Consents(long Version, IReadOnlyList<PurposeConsent> Purposes, InForce InForce, IReadOnlyList<Restriction> Restrictions);

/// <summary>What is kept and not used.</summary>
public sealed record Restriction(
    string RestrictionId, string Reason, string PlacedBy, DateTimeOffset PlacedAt, IReadOnlyList<string>? Purposes = null, IReadOnlyList<string>? Categories = null, DateTimeOffset? Until = null);

/// <summary>The answer to a restriction, or to its having been lifted.</summary>
public sealed record Restricted(Restriction Restriction);

/// <summary>What was decided for a purpose.</summary>
public sealed record PurposeConsent(
    string Purpose, bool NeedsRenewal, IReadOnlyList<CategoryConsent> Categories, IReadOnlyList<AppliedBy> InForce, int? NoticeVersion = null, DateTimeOffset? Since = null, DateTimeOffset? RenewBy = null)
{
    /// <summary>The categories that may be used.</summary>
    public IEnumerable<string> Granted => Categories.Where(category => category.Decision == "granted").Select(category => category.Category);
}

/// <summary>What was decided for a category.</summary>
public sealed record CategoryConsent(string Category, string? Decision = null, DateTimeOffset? ValidUntil = null, bool IsRestricted = false);

/// <summary>Where the newest decision is in force.</summary>
public sealed record InForce(string State, IReadOnlyList<AppliedBy> AppliedBy, IReadOnlyList<string> WaitingFor);

/// <summary>A service that goes by a decision.</summary>
public sealed record AppliedBy(string Service, DateTimeOffset At);

/// <summary>The record of a notice's having been shown.</summary>
public sealed record ServedNotice(string ServedNoticeId);

/// <summary>The answer to a decision.</summary>
public sealed record Decided(string? CaseId = null);

/// <summary>A recorded decision.</summary>
public sealed record HistoryEntry(string ReceiptId, IReadOnlyList<RecordedDecision> Decisions, string Channel, DateTimeOffset DecidedAt, int? NoticeVersion = null);

/// <summary>What was so for a category from then on.</summary>
public sealed record RecordedDecision(string Purpose, string Category, string Decision);

/// <summary>Counts of decisions, without persons.</summary>
public sealed record ConsentReport(int SuppressBelow, IReadOnlyList<ConsentDay> Items, IReadOnlyList<ConsentTotal> Totals);

/// <summary>A count; none: it is too small to be told.</summary>
public sealed record SuppressedCount(bool Suppressed, long? Count = null);

/// <summary>A share; none: it can't be told.</summary>
public sealed record SuppressedRate(double? Value = null);

/// <summary>A purpose on a day.</summary>
public sealed record ConsentDay(string Purpose, DateOnly Day, SuppressedCount Granted, SuppressedCount Revoked);

/// <summary>A purpose over all the days.</summary>
public sealed record ConsentTotal(string Purpose, SuppressedCount Served, SuppressedCount Granted, SuppressedCount Denied, SuppressedCount Revoked, SuppressedRate OptInRate);
