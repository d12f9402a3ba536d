using Microsoft.AspNetCore.Mvc;

namespace Personalization.Portal.Features;

/// <summary>A person objects: to advertising, which ends at once, or to profiling for a purpose, which somebody has to answer.</summary>
internal static class RaiseObjection
{
    private const string DirectMarketing = "directMarketing";

    public static void Map(IEndpointRouteBuilder routes) => routes.PersonPages().MapPost("/me/object", HandleAsync).DisableAntiforgery();

    private static async Task<IResult> HandleAsync([FromForm] ObjectionForm form, Visitor visitor, RetentionClient retention, ConsentClient consent, CancellationToken cancellationToken)
    {
        var words = string.IsNullOrWhiteSpace(form.Statement) ? null : form.Statement.Trim();
        var raised = form.To == DirectMarketing
            ? await retention.ObjectAsync(visitor.Session!, DirectMarketing, null, words, cancellationToken)
            : await retention.ObjectAsync(visitor.Session!, "profiling", form.To ?? "", words, cancellationToken);
        return raised.Problem switch
        {
            null => Page.SeeOther($"/me/objections/{Uri.EscapeDataString(raised.Value!.ObjectionId)}"),
            { Status: StatusCodes.Status401Unauthorized } => Page.SignInFirst(),
            var problem => await ShowObjection.AskAsync(form, problem, visitor, consent, retention, cancellationToken),
        };
    }
}

/// <summary>What the form says.</summary>
public sealed record ObjectionForm
{
    /// <summary><c>directMarketing</c>, or the purpose that they are profiled for.</summary>
    public string? To { get; init; }

    /// <summary>Why.</summary>
    public string? Statement { get; init; }
}
