using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;
using Personalization.Recommendation.Domain;

namespace Personalization.Recommendation.Features;

/// <summary>Adds or replaces many items: one JSON object a line. Lines that can't be taken are reported and keep no other line out.</summary>
public static class PutItems
{
    private const int MostLines = 20_000;
    private const int MostBytes = 16 * 1024 * 1024;
    private const int WriteSize = 500;
    private const string NoItem = "The line is no JSON object with at least id and title.";

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/items", HandleAsync)
        .AllowRoles(Roles.Product, Roles.Operator)
        .ShowsNobody()
        .Accepts<ItemContent>("application/x-ndjson")
        .WithMetadata(new RequestSizeLimitAttribute(MostBytes))
        .WithSummary("Add or replace items (NDJSON, up to 20,000 lines)");

    /// <param name="Accepted">Items stored. Of several lines with one id the last counts.</param>
    /// <param name="Errors">Lines that were not.</param>
    public sealed record Response(int Accepted, IReadOnlyList<LineError> Errors);

    /// <param name="Line">Counted from 1, empty lines too.</param>
    public sealed record LineError(int Line, string Reason);

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> HandleAsync(
        HttpRequest request, ServiceModule module, TimeProvider time, CancellationToken cancellationToken)
    {
        var items = new Dictionary<string, Item>();
        var errors = new List<LineError>();
        using var reader = new StreamReader(request.Body);
        for (var line = 1; await reader.ReadLineAsync(cancellationToken) is { } text; line++)
        {
            if (line > MostLines)
                return Problems.Of(StatusCodes.Status413PayloadTooLarge, "too-many-lines", "There are more lines than one request takes.", $"At most {MostLines}; nothing was stored.");
            if (string.IsNullOrWhiteSpace(text)) continue;
            var (item, flaw) = Read(text);
            if (flaw is null) items[item!.Id] = item;
            else errors.Add(new LineError(line, flaw));
        }

        // One write would hold up all others for its length; a line stored twice is stored once, so a request cut off is sent again.
        foreach (var chunk in items.Values.Chunk(WriteSize)) await StoreAsync(module, chunk, time, cancellationToken);
        return TypedResults.Ok(new Response(items.Count, errors));
    }

    private static async Task StoreAsync(ServiceModule module, Item[] items, TimeProvider time, CancellationToken cancellationToken)
    {
        while (true)
        {
            var session = module.OpenSession();
            await session.PrefetchAsync(items.Select(item => session.Key<CatalogEntry>(item.Id)), cancellationToken);
            foreach (var item in items) session.Store(new CatalogEntry { Id = item.Id, ChangedAt = time.GetUtcNow(), Item = item });
            try
            {
                await session.CommitAsync(cancellationToken);
                return;
            }
            catch (DocumentConflictException)
            {
                // Somebody stored one of them meanwhile: the later of the two is ours.
            }
        }
    }

    private static (Item? Item, string? Flaw) Read(string line)
    {
        try
        {
            if (JsonSerializer.Deserialize<ItemContent>(line, Json.Options) is not { } content) return (null, "The line holds no item.");
            if (content.Id is null) return (null, NoItem);
            var item = content.ToItem(content.Id);
            return (item, content.Flaw(item.Id) ?? item.Flaw());
        }
        catch (JsonException)
        {
            return (null, NoItem);
        }
    }
}
