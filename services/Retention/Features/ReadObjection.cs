using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;
using Personalization.Retention.Domain;

namespace Personalization.Retention.Features;

/// <summary>An objection and its answer. Who objected, and in what words, is for the person and for the officer, whose reading is on record.</summary>
internal static class ReadObjection
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/objections/{objectionId}", HandleAsync)
        .AllowRolesAndAnyPerson(Roles.Officer, Roles.Product)
        .ShowsStaff("objection", ["customer-id", "objection"])
        .WithSummary("An objection with its answer");

    private static async Task<Results<Ok<ObjectionView>, ProblemHttpResult>> HandleAsync(
        string objectionId, ClaimsPrincipal caller, StaffRead read, HttpResponse response, DocumentSession session, TimeProvider time, CancellationToken cancellationToken)
    {
        // Somebody else's is, to a person, one that doesn't exist.
        if (await session.LoadAsync<Objection>(objectionId, cancellationToken) is not { } objection || caller.IsSomebodyElse(objection.CustomerId)) return Problems.NotFound("objection");
        read.SubjectRef = objection.SubjectRef;
        response.Headers.CacheControl = "private, no-store";
        var view = ObjectionView.Of(objection, time.GetUtcNow());
        if (caller.Role == Roles.Product) return TypedResults.Ok(view);
        return TypedResults.Ok(view with { CustomerId = objection.CustomerId, Statement = objection.Statement });
    }
}

/// <summary>An objection as callers see it.</summary>
/// <param name="ObjectionId">Its id.</param>
/// <param name="To">What to.</param>
/// <param name="Purpose">Of profiling: which purpose.</param>
/// <param name="Decision">Of a decision: which.</param>
/// <param name="State"><c>open</c> or <c>resolved</c>.</param>
/// <param name="ReceivedAt">UTC.</param>
/// <param name="DueAt">By when it has to be answered, UTC.</param>
/// <param name="IsOverdue">Whether that is over, and it has no answer.</param>
/// <param name="Outcome">Absent while it is open.</param>
/// <param name="Answer">What the person is told; absent where the outcome says it all.</param>
/// <param name="ResolvedAt">UTC; absent while it is open.</param>
/// <param name="Revoked">Purposes that were revoked for it.</param>
internal sealed record ObjectionView(
    string ObjectionId, ObjectionTo To, string? Purpose, ObjectedDecision? Decision, string State, DateTimeOffset ReceivedAt, DateTimeOffset DueAt, bool IsOverdue,
    ObjectionOutcome? Outcome, string? Answer, DateTimeOffset? ResolvedAt, IReadOnlyList<RevokedPurpose> Revoked)
{
    /// <summary>The caller's id of the person. Only for the person and for officers.</summary>
    public string? CustomerId { get; init; }

    /// <summary>The person's own words. Only for the person and for officers.</summary>
    public string? Statement { get; init; }

    /// <summary>The view that names nobody.</summary>
    public static ObjectionView Of(Objection objection, DateTimeOffset now) => new(
        objection.Id, objection.To, objection.Purpose, objection.Decision, objection.IsOpen ? "open" : "resolved", objection.ReceivedAt, objection.DueAt, objection.IsOverdue(now),
        objection.Outcome, objection.Answer, objection.ResolvedAt, objection.Revoked);
}
