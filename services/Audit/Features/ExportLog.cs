using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Audit.Domain;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;

namespace Personalization.Audit.Features;

/// <summary>The whole log as a file that can be checked without this service: <c>./dev verify-audit FILE --checkpoint FILE</c>.</summary>
internal static class ExportLog
{
    private const int Page = 1000;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/audit/export", HandleAsync)
        .AllowRoles(Roles.Auditor, Roles.Officer)
        .ShowsStaff("audit-log", ["commitment-keys", "staff"])
        .Produces(StatusCodes.Status200OK, contentType: "application/x-ndjson")
        .WithSummary("The audit log, signed (NDJSON)")
        .WithDescription("A line for each entry, then a checkpoint of their number.");

    private static async Task<Results<PushStreamHttpResult, ProblemHttpResult>> HandleAsync(
        ServiceModule module, CheckpointSigner signer, DocumentSession session, CancellationToken cancellationToken)
    {
        // Signed before the first page is read, so that the export has an end while the log grows.
        if (await signer.SignAsync(session, cancellationToken) is not { Signed: { } end }) return ReadCheckpoint.Rewritten();
        return TypedResults.Stream(output => WriteAsync(output, end, module, cancellationToken), "application/x-ndjson");
    }

    private static async Task WriteAsync(Stream output, Checkpoint end, ServiceModule module, CancellationToken cancellationToken)
    {
        for (var number = 0L; number < end.Size;)
        {
            var page = await module.OpenSession().QueryAsync<AuditEntry>(
                "number", after: Json.FormatNumber(number), atMost: Json.FormatNumber(end.Size), limit: Page, cancellationToken: cancellationToken);
            if (page.Count == 0) break;
            foreach (var entry in page) await WriteLineAsync(entry);
            number = page[^1].Number;
        }

        await WriteLineAsync(end);

        async Task WriteLineAsync<T>(T line)
        {
            await output.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(line, Json.Options), cancellationToken);
            await output.WriteAsync("\n"u8.ToArray(), cancellationToken);
        }
    }
}
