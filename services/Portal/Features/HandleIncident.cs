using Microsoft.AspNetCore.Mvc;
using Personalization.Portal.Pages;

namespace Personalization.Portal.Features;

/// <summary>One incident: what was done and found out since, and which notices were sent.</summary>
internal static class HandleIncident
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.StaffPages();
        pages.MapGet("/staff/incidents/{incidentId}", ShowAsync);
        pages.MapPost("/staff/incidents/{incidentId}/measures", MeasureAsync).DisableAntiforgery();
        pages.MapPost("/staff/incidents/{incidentId}/notices/{notice}", NotifyAsync).DisableAntiforgery();

        // Where a refused form is shown; whoever changes the language there gets the page.
        pages.MapGet("/staff/incidents/{incidentId}/measures", Lead);
        pages.MapGet("/staff/incidents/{incidentId}/notices/{notice}", Lead);
    }

    // The form says all of them: one that is empty is taken back.
    private static string Written(string? text) => text?.Trim() ?? "";

    private static IResult Lead(string incidentId) => Page.SeeOther($"/staff/incidents/{Uri.EscapeDataString(incidentId)}");

    private static async Task<IResult> ShowAsync(string incidentId, Visitor visitor, AuditClient audit, TimeProvider time, CancellationToken cancellationToken) =>
        await AskAsync(incidentId, null, null, visitor, audit, time, cancellationToken);

    private static async Task<IResult> MeasureAsync(string incidentId, [FromForm] MeasuresForm form, Visitor visitor, AuditClient audit, TimeProvider time, CancellationToken cancellationToken)
    {
        var recorded = await audit.MeasureAsync(
            visitor.Session!, incidentId, RecordIncident.LinesOf(form.Measures), Written(form.Causes), Written(form.Harm), Written(form.Inquiry), cancellationToken);
        return await AnswerAsync(incidentId, recorded.Problem, form, visitor, audit, time, cancellationToken);
    }

    private static async Task<IResult> NotifyAsync(
        string incidentId, string notice, [FromForm] string? sentAt, [FromForm] string? reference, Visitor visitor, AuditClient audit, TimeProvider time, CancellationToken cancellationToken)
    {
        var problem = RecordIncident.TimeOf(sentAt) is { } sent
            ? (await audit.NotifyAsync(visitor.Session!, incidentId, notice, sent, RecordIncident.WordsOf(reference), cancellationToken)).Problem
            : new Problem(StatusCodes.Status400BadRequest, "bad-notice");
        // One word for both forms of the page, of which each has its own rules.
        return await AnswerAsync(incidentId, problem is { Slug: "bad-incident" } ? problem with { Slug = "bad-notice" } : problem, null, visitor, audit, time, cancellationToken);
    }

    private static async Task<IResult> AnswerAsync(
        string incidentId, Problem? problem, MeasuresForm? form, Visitor visitor, AuditClient audit, TimeProvider time, CancellationToken cancellationToken) => problem switch
        {
            null => Lead(incidentId),
            { Status: StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden or StatusCodes.Status404NotFound } => Page.Of(problem),
            _ => await AskAsync(incidentId, problem, form, visitor, audit, time, cancellationToken),
        };

    private static async Task<IResult> AskAsync(
        string incidentId, Problem? problem, MeasuresForm? form, Visitor visitor, AuditClient audit, TimeProvider time, CancellationToken cancellationToken)
    {
        var read = await audit.ReadIncidentAsync(visitor.Session!, incidentId, cancellationToken);
        if (read.Problem is { } refused) return Page.Of(refused);
        var incident = read.Value!;
        return Page.Of<IncidentPage, IncidentModel>(
            new IncidentModel(
                incident, form ?? new MeasuresForm { Measures = string.Join('\n', incident.Measures ?? []), Causes = incident.Causes, Harm = incident.Harm, Inquiry = incident.Inquiry },
                time.GetUtcNow(), problem?.Slug),
            problem?.Status ?? StatusCodes.Status200OK);
    }
}

/// <summary>What the form says.</summary>
public sealed record MeasuresForm
{
    /// <summary>What was done, one measure a line, the oldest first.</summary>
    public string? Measures { get; init; }

    /// <summary>What caused it.</summary>
    public string? Causes { get; init; }

    /// <summary>What harm there is.</summary>
    public string? Harm { get; init; }

    /// <summary>What the inquiry found.</summary>
    public string? Inquiry { get; init; }
}
