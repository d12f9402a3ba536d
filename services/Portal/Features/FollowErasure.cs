using Personalization.Portal.Pages;

namespace Personalization.Portal.Features;

/// <summary>How an erasure of one's own goes on, service by service, to the certificate.</summary>
internal static class FollowErasure
{
    public static void Map(IEndpointRouteBuilder routes) => routes.PersonPages().MapGet("/me/erasures/{caseId}", HandleAsync);

    private static async Task<IResult> HandleAsync(string caseId, Visitor visitor, RetentionClient retention, CancellationToken cancellationToken)
    {
        var erasure = await retention.CaseAsync(visitor.Session!, caseId, cancellationToken);
        return erasure.Problem switch
        {
            null => Page.Of<ErasurePage, ErasureModel>(new ErasureModel(caseId, erasure.Value)),
            // The case opens with the message that the withdrawal published: it may still be on its way.
            { Slug: "not-found" } => Page.Of<ErasurePage, ErasureModel>(new ErasureModel(caseId, null)),
            var problem => Page.Of(problem),
        };
    }
}
