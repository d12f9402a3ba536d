namespace Personalization.Portal;

/// <summary>What the pages ask Recommendation.</summary>
internal sealed class RecommendationClient(HttpClient http)
{
    private readonly ServiceApi api = new(http);

    public Task<Answer<Figures>> FiguresAsync(Session session, CancellationToken cancellationToken) => api.GetAsync<Figures>(session, "/internal/figures/recommendation", cancellationToken);

    public Task<Answer<Recommendations>> RecommendAsync(Session person, string language, CancellationToken cancellationToken) =>
        api.GetAsync<Recommendations>(person, $"{PathOf(person)}?limit=6&language={language}", cancellationToken);

    /// <summary>Says of a signal, or else of an item, what is to be done with it.</summary>
    public Task<Answer<object>> GiveFeedbackAsync(Session person, string feedback, string? signal, string? itemId, CancellationToken cancellationToken) =>
        api.SendAsync<object>(person, HttpMethod.Post, $"{PathOf(person)}/feedback", new { feedback, signal, itemId }, cancellationToken);

    private static string PathOf(Session person) => $"/recommendations/{Uri.EscapeDataString(person.CustomerId!)}";
}

/// <summary>What is recommended to a person.</summary>
public sealed record Recommendations(bool Personalized, IReadOnlyList<RecommendedItem> Items, string? ModelVersion = null);

/// <summary>An item, and why.</summary>
public sealed record RecommendedItem(string ItemId, double Score, IReadOnlyList<Reason> Reasons, string? Title = null);

/// <summary>A reason, and how much of the choice is due to it.</summary>
public sealed record Reason(string Text, string? Signal = null, double? Share = null, string? Purpose = null);
