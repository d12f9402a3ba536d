using Personalization.Portal.Pages;

namespace Personalization.Portal.Features;

/// <summary>The audit log or what is of one type in it, the newest entries first, a proof of one that the browser checks by itself, and the audit pack of a period.</summary>
internal static class ShowAuditLog
{
    private const int Shown = 25;

    // What is of one type is looked for in so many entries at once; where it is, no index knows.
    private const int LookedThrough = 1000;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.StaffPages();
        pages.MapGet("/staff/audit", HandleAsync);
        pages.MapGet("/staff/audit/{number:long}", ProveAsync);
        pages.MapGet("/staff/audit/pack", DownloadPackAsync);
    }

    private static async Task<IResult> HandleAsync(Visitor visitor, AuditClient audit, TimeProvider time, CancellationToken cancellationToken, long? before = null, string? type = null)
    {
        var checkpoint = await audit.CheckpointAsync(visitor.Session!, cancellationToken);
        if (checkpoint.Problem is { Slug: not "not-found" } unsigned) return Page.Of(unsigned);
        var end = Math.Clamp(before - 1 ?? checkpoint.Value?.Size ?? 0, 0, long.MaxValue);
        var window = type is null ? Shown : LookedThrough;
        var begin = Math.Max(0, end - window);
        var entries = await audit.EntriesAsync(visitor.Session!, begin, window, cancellationToken);
        if (entries.Problem is { } problem) return Page.Of(problem);
        AuditEntry[] found = [.. entries.Value!.Items.Where(entry => entry.Number <= end && (type is null || entry.Type == type)).Reverse()];
        AuditEntry[] shown = [.. found.Take(Shown)];
        return Page.Of<AuditLogPage, AuditLogModel>(
            new AuditLogModel(shown, checkpoint.Value, DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime), type, shown.Length < found.Length ? shown[^1].Number : begin + 1, end));
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
