using Personalization.Portal.Pages;

namespace Personalization.Portal.Features;

/// <summary>Where the staff begin: the sections of their role.</summary>
internal static class ShowStaffHome
{
    public static void Map(IEndpointRouteBuilder routes) => routes.StaffPages().MapGet("/staff", Handle);

    private static IResult Handle(Visitor visitor) => Page.Of<StaffHomePage, IReadOnlyList<NavigationLink>>(Navigation.Of(visitor.Session));
}
