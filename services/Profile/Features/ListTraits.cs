using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>The declared traits.</summary>
public sealed record TraitsAnswer(IReadOnlyList<Trait> Items, string? Next);

/// <summary>What values are made of what people did, and what for.</summary>
internal static class ListTraits
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/traits", HandleAsync)
        .AllowRoles(Roles.Product, Roles.Operator, Roles.Officer)
        .ShowsNobody()
        .WithSummary("Declared traits");

    private static async Task<Ok<TraitsAnswer>> HandleAsync(DocumentSession session, CancellationToken cancellationToken) =>
        TypedResults.Ok(new TraitsAnswer(await session.QueryAsync<Trait>("name", cancellationToken: cancellationToken), null));

    /// <summary>A person's traits, made of all that is held of them now.</summary>
    /// <param name="session">Of whoever reads.</param>
    /// <param name="gate">The person's consent.</param>
    /// <param name="shows">Whether the reader may see a field of that category and those purposes; a trait that takes any other isn't shown.</param>
    /// <param name="now">The current time.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<IReadOnlyList<TraitValue>> OfAsync(
        DocumentSession session, SubjectGate gate, Func<string, IReadOnlyList<string>, bool> shows, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var traits = await session.QueryAsync<Trait>("name", cancellationToken: cancellationToken);
        if (traits.Count == 0) return [];
        var types = await session.EventTypesAsync(cancellationToken);
        var data = await SubjectData.ReadAsync(session, gate, cancellationToken);
        return
        [
            .. traits.Where(trait => new UsableFields(trait.Purpose, types).AreShown(trait.Measure, category => shows(category, [trait.Purpose])))
                .Select(trait => trait.ValueOf(types, data, gate, now)).OfType<TraitValue>(),
        ];
    }
}
