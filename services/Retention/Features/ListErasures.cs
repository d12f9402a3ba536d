using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;
using Personalization.Retention.Domain;

namespace Personalization.Retention.Features;

/// <summary>Cases of a state (completed: the latest first; else the longest waiting first), or all of them, the newest first.</summary>
internal static class ListErasures
{
    private const int MostItems = 500;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/erasures", HandleAsync)
        .AllowRoles(Roles.Officer, Roles.Operator)
        .ShowsStaff("erasure-cases", ["pseudonym"], CountAsync)
        .WithSummary("List erasure cases")
        .WithDescription("Of a state (completed: the latest first; awaiting, partial or failed: the longest waiting first), or all of them, the newest first. sort=due: all that wait for somebody, the overdue first.");

    /// <summary>No value with that prefix, which ends with a slash, comes after this one.</summary>
    public static string EndOf(string prefix) => prefix[..^1] + '0';

    private static async Task<Results<Ok<ErasurePage>, ProblemHttpResult>> HandleAsync(
        DocumentSession session, TimeProvider time, CancellationToken cancellationToken, string? state = null, string? sort = null, int limit = 100, string? after = null)
    {
        if (Choose(state, sort, out var problem) is not var (field, prefix)) return problem;
        Func<ErasureCase, string?> order = sort is not null ? erasure => erasure.DueOrder : state is not null ? erasure => erasure.StateOrder : erasure => erasure.OpenedOrder;
        limit = Math.Clamp(limit, 1, MostItems);
        var cases = await session.QueryAsync<ErasureCase>(
            field, after: prefix + after, atMost: prefix.Length > 0 ? EndOf(prefix) : null, limit: limit, cancellationToken: cancellationToken);
        var now = time.GetUtcNow();
        return TypedResults.Ok(new ErasurePage([.. cases.Select(erasure => ErasureView.Of(erasure, now, []))], cases.Count < limit ? null : order(cases[^1])?[prefix.Length..]));
    }

    private static async Task<Results<Ok<CountAnswer>, ProblemHttpResult>> CountAsync(HttpRequest request, DocumentSession session, CancellationToken cancellationToken)
    {
        if (Choose((string?)request.Query["state"], (string?)request.Query["sort"], out var problem) is not var (field, prefix)) return problem;
        return TypedResults.Ok(new CountAnswer(await session.CountAsync<ErasureCase>(
            field, after: prefix, atMost: prefix.Length > 0 ? EndOf(prefix) : null, cancellationToken: cancellationToken)));
    }

    /// <summary>The index that has the cases asked for, and what its values begin with there.</summary>
    private static (string Field, string Prefix)? Choose(string? state, string? sort, out ProblemHttpResult problem)
    {
        var prefix = Enum.GetValues<ErasureState>().Where(known => ErasureCase.WordOf(known) == state).Select(ErasureCase.PrefixOf).SingleOrDefault("");
        problem = state is not null && prefix.Length == 0
            ? Problems.Of(
                StatusCodes.Status400BadRequest, "bad-state", "There is no such state.", $"A case is {string.Join(", ", Enum.GetValues<ErasureState>().Select(ErasureCase.WordOf))}.")
            : Problems.Of(StatusCodes.Status400BadRequest, "bad-sort", "Cases can't be sorted like this.", "sort: due, without a state: all that wait for somebody.");
        if ((state is not null && prefix.Length == 0) || sort is not (null or "due") || (sort is not null && state is not null)) return null;
        return (sort is not null ? "deadline" : state is not null ? "state" : "opened", prefix);
    }

    /// <summary>A page of cases.</summary>
    /// <param name="Items">The cases.</param>
    /// <param name="Next">The <c>after</c> of the next page; absent on the last.</param>
    internal sealed record ErasurePage(IReadOnlyList<ErasureView> Items, string? Next);
}
