using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Personalization.Portal.Pages;

namespace Personalization.Portal.Features;

/// <summary>An officer records that an authority orders somebody's data destroyed. Whose they are, is said in the form and shown on no page afterwards.</summary>
internal static class RecordOrder
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.StaffPages();
        pages.MapGet("/staff/cases/order", () => Ask(new OrderForm(), null));
        pages.MapPost("/staff/cases/order", HandleAsync).DisableAntiforgery();
    }

    private static async Task<IResult> HandleAsync([FromForm] OrderForm form, Visitor visitor, RetentionClient retention, CancellationToken cancellationToken)
    {
        DateTimeOffset? dueAt = null;
        if (!string.IsNullOrEmpty(form.Due))
        {
            if (!DateOnly.TryParseExact(form.Due, "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
                return Ask(form, new Problem(StatusCodes.Status400BadRequest, "bad-erasure-request"));

            // The whole day is in it.
            dueAt = new DateTimeOffset(day.AddDays(1).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        }

        var ordered = await retention.OrderAsync(visitor.Session!, form.CustomerId?.Trim() ?? "", form.Order?.Trim() ?? "", dueAt, cancellationToken);
        return ordered.Problem switch
        {
            null => Page.SeeOther($"/staff/cases/{ordered.Value!.CaseId}"),
            { Status: StatusCodes.Status401Unauthorized } => Page.SignInFirst(),
            var problem => Ask(form, problem),
        };
    }

    // With what was written already: nobody writes it twice.
    private static IResult Ask(OrderForm form, Problem? problem) =>
        Page.Of<OrderPage, OrderModel>(new OrderModel(form, problem?.Slug), problem?.Status ?? StatusCodes.Status200OK);
}

/// <summary>What the form says.</summary>
public sealed record OrderForm
{
    /// <summary>Whose data.</summary>
    public string? CustomerId { get; init; }

    /// <summary>Which authority orders it, and by what.</summary>
    public string? Order { get; init; }

    /// <summary>The last day for it, ISO 8601, UTC; empty: what the law gives.</summary>
    public string? Due { get; init; }
}
