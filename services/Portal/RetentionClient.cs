namespace Personalization.Portal;

/// <summary>What the pages ask Retention.</summary>
internal sealed class RetentionClient(HttpClient http)
{
    private readonly ServiceApi api = new(http);

    public Task<Answer<RetentionRules>> RulesAsync(Session session, CancellationToken cancellationToken) => api.GetAsync<RetentionRules>(session, "/retention-rules", cancellationToken);
}

/// <summary>How long data is kept.</summary>
public sealed record RetentionRules(long Version, IReadOnlyList<RetentionRule> Rules);

/// <summary>How long a category is kept for a purpose.</summary>
public sealed record RetentionRule(string Purpose, string Category, int KeepDays);
