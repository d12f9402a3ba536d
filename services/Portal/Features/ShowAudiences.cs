using Personalization.Portal.Pages;

namespace Personalization.Portal.Features;

/// <summary>Whom each channel may reach for each purpose, in numbers and never by name.</summary>
internal static class ShowAudiences
{
    public static void Map(IEndpointRouteBuilder routes) => routes.StaffPages().MapGet("/staff/audiences", HandleAsync);

    private static async Task<IResult> HandleAsync(Visitor visitor, ProfileClient profile, ConsentClient consent, CancellationToken cancellationToken)
    {
        var (segments, purposes) = (profile.SegmentsAsync(visitor.Session!, cancellationToken), consent.PurposesAsync(cancellationToken));
        return (await segments).Problem is { } problem
            ? Page.Of(problem)
            : Page.Of<AudiencesPage, AudiencesModel>(new AudiencesModel((await segments).Value!, (await purposes).Value?.All ?? []));
    }
}
