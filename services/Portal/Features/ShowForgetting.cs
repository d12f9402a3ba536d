using Personalization.Portal.Pages;

namespace Personalization.Portal.Features;

/// <summary>Says what being forgotten means, before it is asked for.</summary>
internal static class ShowForgetting
{
    public static void Map(IEndpointRouteBuilder routes) => routes.PersonPages().MapGet("/me/forget", Handle);

    private static IResult Handle(string? problem = null) => Page.Of<ForgetPage, ForgetModel>(new ForgetModel(problem));
}
