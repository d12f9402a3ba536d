namespace Personalization.Portal.Features;

/// <summary>Signs in by a link, whose token says who it is for and until when. What is in an address is easily kept, so the browser is sent on from it at once.</summary>
internal static class SignIn
{
    public static void Map(IEndpointRouteBuilder routes) => routes.Pages().MapGet("/sign-in", Handle);

    private static IResult Handle(string token, HttpContext context) =>
        Session.Begin(context, token) ? Page.SeeOther("/home") : Page.SeeOther("/?session=bad-link");
}
