using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Retention.Domain;

namespace Personalization.Retention.Features;

/// <summary>How an export stands: who it waits for, what is missing and why, and where it lies. Nothing of what is exported.</summary>
internal static class ReadExport
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/exports/{exportId}", HandleAsync)
        .AllowRolesAndAnyPerson(Roles.Product, Roles.Officer)
        .ShowsStaff("export-case", ["pseudonym"])
        .WithSummary("How an export stands");

    private static async Task<Results<Ok<ExportView>, ProblemHttpResult>> HandleAsync(
        string exportId, ClaimsPrincipal caller, StaffRead read, HttpResponse response, SubjectRefs refs, DocumentSession session, TimeProvider time, CancellationToken cancellationToken)
    {
        // Somebody else's is, to a person, one that doesn't exist.
        if (await session.LoadAsync<ExportCase>(exportId, cancellationToken) is not { } export || caller.IsSomebodyElse(export.SubjectRef, refs)) return Problems.NotFound("export");
        read.SubjectRef = export.SubjectRef;
        response.Headers.CacheControl = "private, no-store";
        return TypedResults.Ok(ExportView.Of(export, time.GetUtcNow()));
    }
}

/// <summary>An export as callers see it.</summary>
/// <param name="ExportId">Its id.</param>
/// <param name="State"><c>collecting</c>, <c>ready</c>, <c>fetched</c>, <c>expired</c> or <c>cancelled</c>.</param>
/// <param name="RequestedAt">UTC.</param>
/// <param name="DueAt">By when it has to be answered, UTC.</param>
/// <param name="IsOverdue">Whether that is over, and it isn't.</param>
/// <param name="Awaiting">Who hasn't answered yet.</param>
/// <param name="Missing">Whose part is missing, and why; more may follow until it is ready.</param>
/// <param name="ReadyAt">UTC; absent until then.</param>
/// <param name="Link">Where it can be fetched, once; absent where it can't.</param>
/// <param name="LinkUntil">Until when, UTC.</param>
/// <param name="EndedAt">When it was fetched, expired or was cancelled, UTC.</param>
internal sealed record ExportView(
    string ExportId, ExportState State, DateTimeOffset RequestedAt, DateTimeOffset DueAt, bool IsOverdue, IReadOnlyList<string> Awaiting, IReadOnlyList<MissingPart> Missing,
    DateTimeOffset? ReadyAt, string? Link, DateTimeOffset? LinkUntil, DateTimeOffset? EndedAt)
{
    /// <summary>The archive's password; only in the answer to the request.</summary>
    public string? Password { get; init; }

    /// <summary>The view without a password.</summary>
    public static ExportView Of(ExportCase export, DateTimeOffset now) => new(
        export.Id, export.State, export.RequestedAt, export.DueAt, export.IsOverdue(now), export.Awaiting, export.Missing, export.ReadyAt,
        export.State == ExportState.Ready ? $"/exports/{export.Id}/archive" : null, export.LinkUntil, export.EndedAt);
}
