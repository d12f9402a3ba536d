using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Contracts.Profile;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Retention.Documents;
using Personalization.Retention.Domain;

namespace Personalization.Retention.Features;

/// <summary>Hands an export out, once: with the answer it has ended here. Of two who ask at once one gets it. Staff who fetch it for a person are on record.</summary>
internal static class FetchExport
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/exports/{exportId}/archive", HandleAsync)
        .AllowRolesAndAnyPerson(Roles.Product, Roles.Officer)
        .ShowsStaff("export", ["export"])
        .Produces<FileContentHttpResult>(StatusCodes.Status200OK, ExportArchive.ContentType)
        .WithSummary("Fetch an export, once")
        .WithDescription("An encrypted ZIP (AES-256); the password was in the answer to POST /exports. Afterwards, or after the link's end, 410.");

    private static async Task<Results<FileContentHttpResult, ProblemHttpResult>> HandleAsync(
        string exportId, ClaimsPrincipal caller, StaffReads reads, StaffRead read, HttpResponse response, SubjectRefs refs, DocumentSession session, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await session.LoadAsync<ExportCase>(exportId, cancellationToken) is not { } export || caller.IsSomebodyElse(export.SubjectRef, refs)) return Problems.NotFound("export");
        var now = time.GetUtcNow();
        if (export.State == ExportState.Collecting)
            return Problems.Of(StatusCodes.Status409Conflict, "export-not-ready", "The export is not ready yet.", "GET /exports/{exportId} says who it waits for.");
        if (export.State != ExportState.Ready || export.LinkUntil <= now)
            return Problems.Of(StatusCodes.Status410Gone, "export-ended", "Nothing of the export is left here.", "It can be fetched once and within its time. Ask for another with POST /exports.");

        read.SubjectRef = export.SubjectRef;
        if (caller.Role == Roles.Product)
        {
            // No staff, so no rule is asked; whoever hands a person's data on for them is on record all the same.
            if (caller.ReaderOf(refs) is null) return Problems.ReaderUnknown();
            reads.Record(caller, new ReadDecision(null, [], null, ReadCompliance.Compliant, 0), "export", ["export"], export.SubjectRef, 0, session);
        }

        var archive = await ReadAsync(exportId, session, cancellationToken);
        session.Store(export.End(ExportState.Fetched, now));
        response.Headers.CacheControl = "private, no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        return TypedResults.Bytes(archive, ExportArchive.ContentType, $"export-{exportId}.zip");
    }

    private static async Task<byte[]> ReadAsync(string exportId, DocumentSession session, CancellationToken cancellationToken)
    {
        var prefix = ExportPiece.PrefixOf(exportId);
        var pieces = await session.QueryAsync<ExportPiece>("place", after: prefix, atMost: prefix + "~", limit: int.MaxValue, cancellationToken: cancellationToken);
        return [.. pieces.SelectMany(piece => piece.Content)];
    }
}
