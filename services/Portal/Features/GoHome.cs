namespace Personalization.Portal.Features;

/// <summary>Sends somebody who has just signed in to where their role begins, once the token turned out to be good.</summary>
internal static class GoHome
{
    public static void Map(IEndpointRouteBuilder routes) => routes.Pages().MapGet("/home", Handle);

    private static IResult Handle(Visitor visitor) => visitor.Session is { } session ? Page.SeeOther(session.Home) : Page.SeeOther("/?session=bad-link");
}
