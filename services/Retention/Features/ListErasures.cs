using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;
using Personalization.Retention.Domain;

namespace Personalization.Retention.Features;

/// <summary>Cases of a state (open: the longest waiting first; completed: the latest first), or all of them, the newest first.</summary>
public static class ListErasures
{
    private const int MostItems = 500;

    /// <summary>Maps the endpoint.</summary>
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/erasures", HandleAsync).AllowRoles(Roles.Officer, Roles.Operator);

    /// <summary>No value with that prefix, which ends with a slash, comes after this one.</summary>
    public static string EndOf(string prefix) => prefix[..^1] + '0';

    private static async Task<Ok<ErasurePage>> HandleAsync(
        DocumentSession session, CancellationToken cancellationToken, ErasureState? state = null, int limit = 100, string? after = null)
    {
        limit = Math.Clamp(limit, 1, MostItems);
        var (field, prefix) = state is { } of ? ("state", ErasureCase.PrefixOf(of)) : ("opened", "");
        var cases = await session.QueryAsync<ErasureCase>(
            field, after: prefix + after, atMost: prefix.Length > 0 ? EndOf(prefix) : null, limit: limit, cancellationToken: cancellationToken);
        var next = cases.Count < limit ? null : (state is null ? cases[^1].OpenedOrder : cases[^1].StateOrder)[prefix.Length..];
        return TypedResults.Ok(new ErasurePage([.. cases.Select(ErasureView.Of)], next));
    }

    /// <summary>A page of cases.</summary>
    /// <param name="Items">The cases.</param>
    /// <param name="Next">The <c>after</c> of the next page; absent on the last.</param>
    public sealed record ErasurePage(IReadOnlyList<ErasureView> Items, string? Next);
}
