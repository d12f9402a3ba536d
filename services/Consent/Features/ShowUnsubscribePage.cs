using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Consent.Pages;

namespace Personalization.Consent.Features;

/// <summary>What a person sees who opens the link. Nothing happens: what looks into mails opens links, too, and only a POST unsubscribes.</summary>
internal static class ShowUnsubscribePage
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/unsubscribe/{token}", HandleAsync)
        .AllowAnonymous()
        .Produces(StatusCodes.Status200OK, contentType: "text/html")
        .WithSummary("A page with a button that unsubscribes")
        .WithDescription("In the language of ?language= or Accept-Language: ru or en.");

    // The token is not looked at.
    private static ContentHttpResult HandleAsync(string token, HttpContext context) => UnsubscribePage.Ask(context);
}
