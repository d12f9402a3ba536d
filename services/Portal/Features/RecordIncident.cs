using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Personalization.Portal.Pages;

namespace Personalization.Portal.Features;

/// <summary>Somebody of the staff records an incident: what, when, where. The clocks start with the noticing.</summary>
internal static class RecordIncident
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.StaffPages();
        pages.MapGet("/staff/incidents/new", ShowAsync);
        pages.MapPost("/staff/incidents/new", HandleAsync).DisableAntiforgery();
    }

    /// <summary>A time of a form, which is UTC as everything on the pages; null: it is none.</summary>
    internal static DateTimeOffset? TimeOf(string? written) =>
        DateTime.TryParseExact(written, ["yyyy-MM-ddTHH:mm", "yyyy-MM-ddTHH:mm:ss"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? new DateTimeOffset(time, TimeSpan.Zero) : null;

    /// <summary>The same as a form has it, to the minute that has begun.</summary>
    internal static string TextOf(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm", CultureInfo.InvariantCulture);

    /// <summary>One measure a line.</summary>
    internal static string[] LinesOf(string? written) => (written ?? "").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>A text, or that there is none.</summary>
    internal static string? WordsOf(string? written) => string.IsNullOrWhiteSpace(written) ? null : written.Trim();

    private static async Task<IResult> ShowAsync(Visitor visitor, AuditClient audit, TimeProvider time, CancellationToken cancellationToken) =>
        await AskAsync(new IncidentForm { NoticedAt = TextOf(time.GetUtcNow()) }, null, visitor, audit, cancellationToken);

    private static async Task<IResult> HandleAsync([FromForm] IncidentForm form, Visitor visitor, AuditClient audit, CancellationToken cancellationToken)
    {
        if (TimeOf(form.NoticedAt) is not { } noticedAt)
            return await AskAsync(form, new Problem(StatusCodes.Status400BadRequest, "bad-incident"), visitor, audit, cancellationToken);
        var recorded = await audit.RecordAsync(
            visitor.Session!,
            new NewIncident(
                WordsOf(form.What) ?? "", noticedAt, form.Services ?? [], form.Categories ?? [], LinesOf(form.Measures), WordsOf(form.Causes), WordsOf(form.Harm), WordsOf(form.Contact)),
            cancellationToken);
        return recorded.Problem switch
        {
            null => Page.SeeOther($"/staff/incidents/{Uri.EscapeDataString(recorded.Value!.Id)}"),
            { Status: StatusCodes.Status401Unauthorized } => Page.SignInFirst(),
            var problem => await AskAsync(form, problem, visitor, audit, cancellationToken),
        };
    }

    private static async Task<IResult> AskAsync(IncidentForm form, Problem? problem, Visitor visitor, AuditClient audit, CancellationToken cancellationToken)
    {
        var map = await audit.DataMapAsync(visitor.Session!, cancellationToken);
        return map.Problem is { } refused
            ? Page.Of(refused)
            : Page.Of<IncidentFormPage, IncidentFormModel>(new IncidentFormModel(form, map.Value!, problem?.Slug), problem?.Status ?? StatusCodes.Status200OK);
    }
}

/// <summary>What the form says.</summary>
public sealed record IncidentForm
{
    /// <summary>What happened.</summary>
    public string? What { get; init; }

    /// <summary>When it was noticed, ISO 8601 to the minute, UTC.</summary>
    public string? NoticedAt { get; init; }

    /// <summary>Where.</summary>
    public string[]? Services { get; init; }

    /// <summary>Which data.</summary>
    public string[]? Categories { get; init; }

    /// <summary>What was done, one measure a line.</summary>
    public string? Measures { get; init; }

    /// <summary>What is presumed to have caused it.</summary>
    public string? Causes { get; init; }

    /// <summary>What harm is presumed.</summary>
    public string? Harm { get; init; }

    /// <summary>Whom the authority can ask.</summary>
    public string? Contact { get; init; }
}
