using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Personalization.Portal.Features;

/// <summary>
/// Signs in by a link, whose token says who it is for and until when, or at the issuer, where one is configured. What is in an address is easily kept, so the
/// browser is sent on from it at once.
/// </summary>
internal static class SignIn
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.Pages();
        pages.MapGet("/sign-in", Handle);
        if (routes.ServiceProvider.GetRequiredService<IOptions<PortalOptions>>().Value.Oidc.IsOn) pages.MapGet(OidcSignIn.Path, HandleOidc);
    }

    private static IResult Handle(string token, HttpContext context) =>
        Session.Begin(context, token) ? Page.SeeOther("/home") : Page.SeeOther("/?session=bad-link");

    private static ChallengeHttpResult HandleOidc() => TypedResults.Challenge(new AuthenticationProperties { RedirectUri = "/home" }, [OidcSignIn.Scheme]);
}
