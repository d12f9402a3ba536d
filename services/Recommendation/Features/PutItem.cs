using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;
using Personalization.Recommendation.Domain;

namespace Personalization.Recommendation.Features;

/// <summary>Adds an item or replaces it.</summary>
public static class PutItem
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPut("/items/{id}", HandleAsync)
        .AllowRoles(Roles.Product, Roles.Operator)
        .WithSummary("Add or replace an item");

    private static async Task<Results<Ok<Item>, ProblemHttpResult>> HandleAsync(
        string id, ItemContent content, DocumentSession session, CancellationToken cancellationToken)
    {
        var item = content.ToItem(id);
        if (item.Flaw() is { } flaw) return Problems.Of(StatusCodes.Status400BadRequest, "bad-item", "The item could not be taken.", flaw);
        await session.LoadAsync<Item>(id, cancellationToken);
        session.Store(item);
        return TypedResults.Ok(item);
    }
}

/// <summary>An item without its id.</summary>
public sealed record ItemContent
{
    public required string Title { get; init; }

    public int? Year { get; init; }

    public IReadOnlyList<string> Genres { get; init; } = [];

    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>();

    public Item ToItem(string id) => new() { Id = id, Title = Title, Year = Year, Genres = Genres, Attributes = Attributes };
}
