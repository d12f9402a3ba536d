namespace Personalization.Portal.Features;

/// <summary>Ends the session in this browser.</summary>
internal static class SignOut
{
    public static void Map(IEndpointRouteBuilder routes) => routes.Pages().MapPost("/sign-out", Handle);

    private static IResult Handle(HttpContext context)
    {
        Session.End(context);
        return Page.SeeOther("/");
    }
}
