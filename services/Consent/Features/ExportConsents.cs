using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Consent.Domain;
using Personalization.Contracts.Consent;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>A line of <c>GET /consents:export</c>: what a person permits now. Who they are is not known here.</summary>
/// <param name="SubjectRef">The person's pseudonym.</param>
/// <param name="Version">The consent version.</param>
/// <param name="Epoch">The epoch.</param>
/// <param name="Decisions">Every purpose and category ever decided.</param>
/// <param name="NoticeVersions">The notices the purposes were last decided on.</param>
/// <param name="Renewals">What is granted on a notice that changed materially since.</param>
/// <param name="LedgerHash">Hash of the newest link of the person's ledger.</param>
public sealed record ExportedConsents(
    string SubjectRef, long Version, int Epoch, IReadOnlyList<CategoryConsent> Decisions, IReadOnlyDictionary<string, int> NoticeVersions,
    IReadOnlyList<Renewal> Renewals, string? LedgerHash);

/// <summary>Everybody's present state, by pseudonym.</summary>
internal static class ExportConsents
{
    private const int Page = 500;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/consents:export", Handle)
        .AllowRoles(Roles.Officer, Roles.Operator)
        .ShowsStaff("all-consents", ["consent", "pseudonym"], CountAsync)
        .Produces<ExportedConsents>(StatusCodes.Status200OK, "application/x-ndjson")
        .WithSummary("Present states by subject ref (NDJSON)")
        .WithDescription("Each line is a person's state at the moment it was read; what was decided before the request is in it.");

    private static async Task<Results<Ok<CountAnswer>, ProblemHttpResult>> CountAsync(HttpRequest request, DocumentSession session, CancellationToken cancellationToken) =>
        TypedResults.Ok(new CountAnswer(await session.CountAsync<ConsentRecord>("subject", cancellationToken: cancellationToken)));

    private static PushStreamHttpResult Handle(ServiceModule module, CancellationToken cancellationToken) =>
        TypedResults.Stream(output => WriteAsync(output, module, cancellationToken), "application/x-ndjson");

    private static async Task WriteAsync(Stream output, ServiceModule module, CancellationToken cancellationToken)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var subject = "";
        while (true)
        {
            var records = await module.OpenSession().QueryAsync<ConsentRecord>("subject", after: subject, limit: Page, cancellationToken: cancellationToken);
            if (records.Count == 0) return;
            foreach (var record in records)
            {
                var line = new ExportedConsents(record.Id, record.Version, record.Epoch, record.DecisionsInForce, record.NoticeVersions, record.Renewals, record.LedgerHash);
                buffer.Write(JsonSerializer.SerializeToUtf8Bytes(line, Json.Options));
                buffer.Write("\n"u8);
            }

            await output.WriteAsync(buffer.WrittenMemory, cancellationToken);
            buffer.ResetWrittenCount();
            subject = records[^1].Id;
        }
    }
}
