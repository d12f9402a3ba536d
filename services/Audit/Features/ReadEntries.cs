using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Audit.Domain;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;

namespace Personalization.Audit.Features;

/// <summary>A page of the log, oldest first.</summary>
/// <param name="Items">The entries.</param>
/// <param name="Next">Value of <c>after</c> for the next page; null: the end.</param>
public sealed record EntriesAnswer(IReadOnlyList<AuditEntry> Items, long? Next);

/// <summary>The log, as JSON or as newline-delimited JSON.</summary>
internal static class ReadEntries
{
    private const int Most = 1000;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/audit/entries", HandleAsync)
        .AllowRoles(Roles.Auditor, Roles.Officer)
        .ShowsStaff("audit-log", ["commitment-keys", "staff"])
        .WithSummary("The audit log")
        .WithDescription("application/json, or application/x-ndjson by Accept.");

    private static async Task<Results<Ok<EntriesAnswer>, ContentHttpResult>> HandleAsync(
        HttpRequest request, DocumentSession session, CancellationToken cancellationToken, long after = 0, int limit = 100)
    {
        var most = Math.Clamp(limit, 1, Most);
        var entries = await session.QueryAsync<AuditEntry>("number", after: Json.FormatNumber(Math.Max(after, 0)), limit: most, cancellationToken: cancellationToken);
        if (!request.Headers.Accept.Any(accept => accept?.Contains("application/x-ndjson", StringComparison.OrdinalIgnoreCase) == true))
            return TypedResults.Ok(new EntriesAnswer(entries, entries.Count < most ? null : entries[^1].Number));
        var lines = new StringBuilder();
        foreach (var entry in entries) lines.Append(JsonSerializer.Serialize(entry, Json.Options)).Append('\n');
        return TypedResults.Text(lines.ToString(), "application/x-ndjson", Encoding.UTF8);
    }
}
