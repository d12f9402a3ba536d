using System.Text.Json;
using System.Text.Json.Serialization;
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
        .ShowsNobody()
        .WithSummary("Add or replace an item")
        .WithDescription(
            "title; and, where known: year, category, topics, inStock (true if left out), repeatable, sensitive, validFrom, validUntil, "
            + "attributes. Answers take it in within seconds.");

    private static async Task<Results<Ok<Item>, ProblemHttpResult>> HandleAsync(
        string id, ItemContent content, DocumentSession session, TimeProvider time, CancellationToken cancellationToken)
    {
        var item = content.ToItem(id);
        if ((content.Flaw(id) ?? item.Flaw()) is { } flaw) return Problems.Of(StatusCodes.Status400BadRequest, "bad-item", "The item could not be taken.", flaw);
        await session.LoadAsync<CatalogEntry>(id, cancellationToken);
        session.Store(new CatalogEntry { Id = id, ChangedAt = time.GetUtcNow(), Item = item });
        return TypedResults.Ok(item);
    }
}

/// <summary>An item as somebody sends it.</summary>
public sealed record ItemContent
{
    private const string Members =
        "An item has the members id, title, year, category, topics, inStock, repeatable, sensitive, validFrom, validUntil and attributes, and no other.";

    /// <summary>Where the path says it too, the same; so that what was read can be sent back.</summary>
    public string? Id { get; init; }

    public required string Title { get; init; }

    public int? Year { get; init; }

    public string? Category { get; init; }

    public IReadOnlyList<string> Topics { get; init; } = [];

    public bool InStock { get; init; } = true;

    public bool Repeatable { get; init; }

    public bool Sensitive { get; init; }

    public DateTimeOffset? ValidFrom { get; init; }

    public DateTimeOffset? ValidUntil { get; init; }

    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>();

    /// <summary>Members that nobody knows: a misspelt one would silently not count.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Unknown { get; init; }

    /// <summary>What is wrong with the form, or null.</summary>
    public string? Flaw(string id) => this switch
    {
        { Unknown.Count: > 0 } => Members,
        { Id: not null } when Id != id => "The id is not the one in the path.",
        _ => null,
    };

    public Item ToItem(string id) => new()
    {
        Id = id,
        Title = Title,
        Year = Year,
        Category = Category,
        Topics = [.. Topics.Distinct()],
        InStock = InStock,
        Repeatable = Repeatable,
        Sensitive = Sensitive,
        ValidFrom = ValidFrom,
        ValidUntil = ValidUntil,
        Attributes = Attributes,
    };
}
