using Microsoft.AspNetCore.Mvc;

namespace Personalization.Portal.Features;

/// <summary>A person objects: to advertising, which ends at once, or to profiling for a purpose, which somebody has to answer.</summary>
internal static class RaiseObjection
{
    private const string DirectMarketing = "directMarketing";

    public static void Map(IEndpointRouteBuilder routes) => routes.PersonPages().MapPost("/me/object", HandleAsync).DisableAntiforgery();

    private static async Task<IResult> HandleAsync([FromForm] string to, [FromForm] string? statement, Visitor visitor, RetentionClient retention, CancellationToken cancellationToken)
    {
        var words = string.IsNullOrWhiteSpace(statement) ? null : statement.Trim();
        var raised = to == DirectMarketing
            ? await retention.ObjectAsync(visitor.Session!, DirectMarketing, null, words, cancellationToken)
            : await retention.ObjectAsync(visitor.Session!, "profiling", to, words, cancellationToken);
        return raised.Problem switch
        {
            null => Page.SeeOther($"/me/objections/{Uri.EscapeDataString(raised.Value!.ObjectionId)}"),
            { Status: StatusCodes.Status401Unauthorized } => Page.SignInFirst(),
            var problem => Page.SeeOther($"/me/object?problem={Uri.EscapeDataString(problem.Slug)}"),
        };
    }
}
