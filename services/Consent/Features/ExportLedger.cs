using System.Buffers;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Consent.Domain;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>The whole ledger as a file that can be checked without this service: <c>./dev verify-ledger FILE</c>.</summary>
internal static class ExportLedger
{
    private const int Page = 500;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/ledger/export", Handle)
        .AllowRoles(Roles.Officer, Roles.Auditor)
        .ShowsStaff("consent-ledger", ["consent", "pseudonym"], CountAsync)
        .Produces(StatusCodes.Status200OK, contentType: "application/x-ndjson")
        .WithSummary("The ledger, signed (NDJSON)")
        .WithDescription("A header, a line for each link in the order of subjects and versions, a footer. The officer also gets the decisions that can still be opened.");

    private static PushStreamHttpResult Handle(ClaimsPrincipal caller, ServiceModule module, IConfiguration configuration, TimeProvider time, CancellationToken cancellationToken)
    {
        var withDecisions = caller.FindFirst("role")?.Value == Roles.Officer;
        return TypedResults.Stream(output => WriteAsync(output, withDecisions, configuration["Subjects:Region"]!, module, time, cancellationToken), "application/x-ndjson");
    }

    private static async Task<Results<Ok<CountAnswer>, ProblemHttpResult>> CountAsync(HttpRequest request, DocumentSession session, CancellationToken cancellationToken) =>
        TypedResults.Ok(new CountAnswer(await session.CountAsync<LedgerLink>("place", cancellationToken: cancellationToken)));

    private static async Task WriteAsync(
        Stream output, bool withDecisions, string region, ServiceModule module, TimeProvider time, CancellationToken cancellationToken)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new LedgerWriter(buffer, module.Signer.Sign);

        // Taken before the first page is read: what had its place by then is on a page.
        var head = await module.OpenSession().LoadAsync<StreamHead>(StreamHead.Only, cancellationToken);
        writer.Begin(new LedgerHeader
        {
            Region = region,
            StartedAt = time.GetUtcNow(),
            Through = head?.Number ?? 0,
            WithDecisions = withDecisions,
            KeyId = module.Signer.KeyId,
        });
        var place = "";
        while (true)
        {
            var session = module.OpenSession();
            var links = await session.QueryAsync<LedgerLink>("place", after: place, limit: Page, cancellationToken: cancellationToken);
            if (links.Count == 0) break;
            var entries = withDecisions ? await session.LoadManyAsync<LedgerEntry>([.. links.Select(link => link.Id)], cancellationToken) : null;
            foreach (var link in links) writer.Add(link, entries?.GetValueOrDefault(link.Id));
            place = links[^1].Id;
            await SendAsync();
        }

        writer.End();
        await SendAsync();

        async Task SendAsync()
        {
            await output.WriteAsync(buffer.WrittenMemory, cancellationToken);
            buffer.ResetWrittenCount();
        }
    }
}
