using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Personalization.Portal.Pages;

namespace Personalization.Portal.Features;

/// <summary>An officer has somebody's data kept, frozen and unused, when it would be erased. Whose it is, is said in the form and shown on no page afterwards.</summary>
internal static class PlaceHold
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.StaffPages();
        pages.MapGet("/staff/holds/new", ShowAsync);
        pages.MapPost("/staff/holds/new", HandleAsync).DisableAntiforgery();
    }

    private static async Task<IResult> ShowAsync(ConsentClient consent, CancellationToken cancellationToken) => await AskAsync(new HoldForm(), null, consent, cancellationToken);

    private static async Task<IResult> HandleAsync([FromForm] HoldForm form, Visitor visitor, RetentionClient retention, ConsentClient consent, CancellationToken cancellationToken)
    {
        DateTimeOffset? until = null;
        if (!string.IsNullOrEmpty(form.Until))
        {
            if (!DateOnly.TryParseExact(form.Until, "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
                return await AskAsync(form, new Problem(StatusCodes.Status400BadRequest, "bad-legal-hold"), consent, cancellationToken);
            until = new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        }

        var placed = await retention.HoldAsync(visitor.Session!, form.CustomerId?.Trim() ?? "", form.Categories ?? [], form.Purposes, form.Reason?.Trim() ?? "", until, cancellationToken);
        return placed.Problem switch
        {
            null => Page.SeeOther("/staff/holds"),
            { Status: StatusCodes.Status401Unauthorized } => Page.SignInFirst(),
            var problem => await AskAsync(form, problem, consent, cancellationToken),
        };
    }

    // With what was written already: nobody writes a reason twice.
    private static async Task<IResult> AskAsync(HoldForm form, Problem? problem, ConsentClient consent, CancellationToken cancellationToken)
    {
        var purposes = await consent.PurposesAsync(cancellationToken);
        return purposes.Problem is { } refused
            ? Page.Of(refused)
            : Page.Of<HoldPage, HoldModel>(new HoldModel(form, purposes.Value!.All, problem?.Slug), problem?.Status ?? StatusCodes.Status200OK);
    }
}

/// <summary>What the form says.</summary>
public sealed record HoldForm
{
    /// <summary>Whose data.</summary>
    public string? CustomerId { get; init; }

    /// <summary>Which.</summary>
    public string[]? Categories { get; init; }

    /// <summary>Only what was collected for these; none: for any.</summary>
    public string[]? Purposes { get; init; }

    /// <summary>Why.</summary>
    public string? Reason { get; init; }

    /// <summary>The day it ends by itself, ISO 8601, UTC; empty: none.</summary>
    public string? Until { get; init; }
}
