using Personalization.Portal.Pages;

namespace Personalization.Portal.Features;

/// <summary>The audit log, the newest entries first, a proof of one that the browser checks by itself, and the audit pack of a period.</summary>
internal static class ShowAuditLog
{
    private const int Shown = 25;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.StaffPages();
        pages.MapGet("/staff/audit", HandleAsync);
        pages.MapGet("/staff/audit/{number:long}", ProveAsync);
        pages.MapGet("/staff/audit/pack", DownloadPackAsync);
    }

    private static async Task<IResult> HandleAsync(Visitor visitor, AuditClient audit, TimeProvider time, CancellationToken cancellationToken, long? before = null)
    {
        var checkpoint = await audit.CheckpointAsync(visitor.Session!, cancellationToken);
        if (checkpoint.Problem is { Slug: not "not-found" } unsigned) return Page.Of(unsigned);
        var end = Math.Clamp(before - 1 ?? checkpoint.Value?.Size ?? 0, 0, long.MaxValue);
        var entries = await audit.EntriesAsync(visitor.Session!, Math.Max(0, end - Shown), Shown, cancellationToken);
        return entries.Problem is { } problem
            ? Page.Of(problem)
            : Page.Of<AuditLogPage, AuditLogModel>(new AuditLogModel([.. entries.Value!.Items.Where(entry => entry.Number <= end).Reverse()], checkpoint.Value, DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime)));
    }

    private static async Task<IResult> DownloadPackAsync(DateOnly from, DateOnly to, Visitor visitor, AuditClient audit, CancellationToken cancellationToken, string form = Download.Pdf)
    {
        var (accept, extension) = form == "html" ? ("text/html", form) : ("application/pdf", Download.Pdf);
        return await Download.OfAsync(
            audit.PackAsync(visitor.Session!, from, to, accept, visitor.Language, cancellationToken), string.Create(System.Globalization.CultureInfo.InvariantCulture, $"audit-pack-{from:yyyy-MM-dd}-{to:yyyy-MM-dd}.{extension}"));
    }

    private static async Task<IResult> ProveAsync(long number, Visitor visitor, AuditClient audit, CancellationToken cancellationToken)
    {
        var checkpoint = await audit.CheckpointAsync(visitor.Session!, cancellationToken);
        if (checkpoint.Problem is { } unsigned) return Page.Of(unsigned);
        var proof = await audit.ProofAsync(visitor.Session!, number, checkpoint.Value!.Size, cancellationToken);
        return proof.Problem is { } problem ? Page.Of(problem) : Page.Of<ProofPage, ProofModel>(new ProofModel(proof.Value!, checkpoint.Value));
    }
}
