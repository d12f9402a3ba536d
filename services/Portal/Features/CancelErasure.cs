namespace Personalization.Portal.Features;

/// <summary>A person takes their demand to be forgotten back, while it can be.</summary>
internal static class CancelErasure
{
    public static void Map(IEndpointRouteBuilder routes) => routes.PersonPages().MapPost("/me/erasures/{caseId}/cancel", HandleAsync);

    private static async Task<IResult> HandleAsync(string caseId, Visitor visitor, RetentionClient retention, CancellationToken cancellationToken)
    {
        var cancelled = await retention.CancelAsync(visitor.Session!, caseId, cancellationToken);
        var page = $"/me/erasures/{Uri.EscapeDataString(caseId)}";
        return cancelled.Problem switch
        {
            null or { Slug: "erasure-not-cancellable" } => Page.SeeOther(page),
            { Status: StatusCodes.Status401Unauthorized } => Page.SignInFirst(),
            var problem => Page.Of(problem),
        };
    }
}
