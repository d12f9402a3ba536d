using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Retention.Domain;

namespace Personalization.Retention.Features;

/// <summary>The officer's queue: what is due first comes first, and of what was resolved the last. Names nobody. A person gets their own, the newest first.</summary>
internal static class ListObjections
{
    private const int MostItems = 500;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/objections", HandleAsync)
        .AllowRolesAndAnyPerson(Roles.Officer)
        .ShowsStaff("objections", ["pseudonym"], CountAsync)
        .WithSummary("List objections")
        .WithDescription("state: open (the one due first comes first) or resolved (the latest first). To a person: all of their own, the newest first.");

    private static async Task<Results<Ok<ObjectionPage>, ProblemHttpResult>> HandleAsync(
        ClaimsPrincipal caller, SubjectRefs refs, HttpResponse response, DocumentSession session, TimeProvider time, CancellationToken cancellationToken, string state = "open", int limit = 100,
        string? after = null)
    {
        if (caller.Role == Roles.Subject) return TypedResults.Ok(await OwnAsync(caller, refs, response, session, time, cancellationToken));
        if (state is not ("open" or "resolved")) return BadState();
        limit = Math.Clamp(limit, 1, MostItems);
        var prefix = Objection.PrefixOf(state == "open");
        var found = await session.QueryAsync<Objection>("state", after: prefix + after, atMost: ListErasures.EndOf(prefix), limit: limit, cancellationToken: cancellationToken);
        var now = time.GetUtcNow();
        return TypedResults.Ok(new ObjectionPage(
            [.. found.Select(objection => ObjectionView.Of(objection, now))], found.Count < limit ? null : found[^1].StateOrder[prefix.Length..]));
    }

    private static async Task<ObjectionPage> OwnAsync(
        ClaimsPrincipal person, SubjectRefs refs, HttpResponse response, DocumentSession session, TimeProvider time, CancellationToken cancellationToken)
    {
        response.Headers.CacheControl = "private, no-store";
        var now = time.GetUtcNow();
        var own = await OwnDocuments.OfAsync<Objection>(person, refs, session, MostItems, cancellationToken);
        return new ObjectionPage([.. own.OrderByDescending(objection => objection.ReceivedAt).Select(objection => ObjectionView.Of(objection, now) with { Statement = objection.Statement })], null);
    }

    private static async Task<Results<Ok<CountAnswer>, ProblemHttpResult>> CountAsync(HttpRequest request, DocumentSession session, CancellationToken cancellationToken)
    {
        var state = (string?)request.Query["state"] ?? "open";
        if (state is not ("open" or "resolved")) return BadState();
        var prefix = Objection.PrefixOf(state == "open");
        return TypedResults.Ok(new CountAnswer(await session.CountAsync<Objection>("state", after: prefix, atMost: ListErasures.EndOf(prefix), cancellationToken: cancellationToken)));
    }

    private static ProblemHttpResult BadState() =>
        Problems.Of(StatusCodes.Status400BadRequest, "bad-state", "There is no such state.", "An objection is 'open' or 'resolved'.");

    /// <summary>A page of objections.</summary>
    /// <param name="Items">The objections.</param>
    /// <param name="Next">The <c>after</c> of the next page; absent on the last.</param>
    internal sealed record ObjectionPage(IReadOnlyList<ObjectionView> Items, string? Next);
}
