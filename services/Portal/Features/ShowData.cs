using Personalization.Portal.Pages;

namespace Personalization.Portal.Features;

/// <summary>What is held of a person: each datum, why, since when and until when, from where, and what used it.</summary>
internal static class ShowData
{
    public static void Map(IEndpointRouteBuilder routes) => routes.PersonPages().MapGet("/me/data", HandleAsync);

    private static async Task<IResult> HandleAsync(Visitor visitor, ProfileClient profile, ConsentClient consent, CancellationToken cancellationToken, string? after = null, int from = 0)
    {
        var (data, contacts, purposes) = (
            profile.DataAsync(visitor.Session!, after, cancellationToken), profile.ContactsAsync(visitor.Session!, cancellationToken), consent.PurposesAsync(cancellationToken));
        return (await data).Problem is { } problem
            ? Page.Of(problem)
            : Page.Of<DataPage, DataModel>(new DataModel((await data).Value!, (await contacts).Value?.All ?? [], (await purposes).Value?.All ?? [], after, Math.Max(from, 0)));
    }
}
