using Microsoft.AspNetCore.Mvc;

namespace Personalization.Portal.Features;

/// <summary>Shows the pages in another language from now on.</summary>
internal static class ChooseLanguage
{
    private static readonly TimeSpan Kept = TimeSpan.FromDays(365);

    public static void Map(IEndpointRouteBuilder routes) => routes.Pages().MapPost("/language", Handle).DisableAntiforgery();

    private static IResult Handle([FromForm] string language, [FromForm] string back, HttpContext context)
    {
        if (Visitor.Languages.Contains(language))
        {
            context.Response.Cookies.Append(
                Visitor.LanguageCookie, language, new CookieOptions { MaxAge = Kept, HttpOnly = true, SameSite = SameSiteMode.Lax, Secure = !Session.IsLoopback(context.Request.Host), Path = "/" });
        }

        // Back to a page of ours: a path that begins with two slashes is another host's.
        return Page.SeeOther(back is ['/', not ('/' or '\\'), ..] ? back : "/");
    }
}
