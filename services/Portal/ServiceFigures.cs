using Personalization.Platform.Telemetry;

namespace Personalization.Portal;

/// <summary>What an instance of a service answered about itself.</summary>
public sealed record Figures(string Instance, IReadOnlyList<Figure> Items);

/// <summary>What a service says of itself; of several instances, the one that answered.</summary>
/// <param name="Service">The service.</param>
/// <param name="Instance">Which one answered; null: none did.</param>
/// <param name="Items">Its figures.</param>
public sealed record FiguresOfService(string Service, string? Instance, IReadOnlyList<Figure> Items)
{
    /// <summary>What an instrument says, all its figures together; null: nothing.</summary>
    public double? Sum(string name) => Items.Any(figure => figure.Name == name) ? Items.Where(figure => figure.Name == name).Sum(figure => figure.Value) : null;

    /// <summary>The figure of an instrument that has this tag, if there is one.</summary>
    public Figure? Find(string name, string tag, string value) => Items.FirstOrDefault(figure => figure.Name == name && figure.Tags.GetValueOrDefault(tag) == value);
}

/// <summary>Asks every service what it knows of itself.</summary>
internal sealed class ServiceFigures(AuditClient audit, ConsentClient consent, ProfileClient profile, RecommendationClient recommendation, RetentionClient retention)
{
    /// <summary>In the order of their names. A service that doesn't answer is there without figures; a refusal, which is the same everywhere, is the problem.</summary>
    public async Task<(IReadOnlyList<FiguresOfService> Services, Problem? Refusal)> ReadAsync(Session session, CancellationToken cancellationToken)
    {
        var answers = await Task.WhenAll(
            OfAsync("audit", audit.FiguresAsync(session, cancellationToken)),
            OfAsync("consent", consent.FiguresAsync(session, cancellationToken)),
            OfAsync("profile", profile.FiguresAsync(session, cancellationToken)),
            OfAsync("recommendation", recommendation.FiguresAsync(session, cancellationToken)),
            OfAsync("retention", retention.FiguresAsync(session, cancellationToken)));
        return (
            [.. answers.Select(answer => answer.Figures)],
            answers.Select(answer => answer.Problem).FirstOrDefault(problem => problem is { Status: StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden }));
    }

    private static async Task<(FiguresOfService Figures, Problem? Problem)> OfAsync(string service, Task<Answer<Figures>> asked)
    {
        var answer = await asked;
        return (new FiguresOfService(service, answer.Value?.Instance, answer.Value?.Items ?? []), answer.Problem);
    }
}
