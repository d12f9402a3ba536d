using Personalization.Portal.Pages;

namespace Personalization.Portal.Features;

/// <summary>Every decision a person made, with its receipt.</summary>
internal static class ShowHistory
{
    public static void Map(IEndpointRouteBuilder routes) => routes.PersonPages().MapGet("/me/history", HandleAsync);

    private static async Task<IResult> HandleAsync(Visitor visitor, ConsentClient consent, CancellationToken cancellationToken, long? before = null)
    {
        var (history, purposes) = (consent.HistoryAsync(visitor.Session!, before, cancellationToken), consent.PurposesAsync(cancellationToken));
        return (await history).Problem is { } problem
            ? Page.Of(problem)
            : Page.Of<HistoryPage, HistoryModel>(new HistoryModel((await history).Value!.All, (await history).Value!.Next, (await purposes).Value?.All ?? []));
    }
}
