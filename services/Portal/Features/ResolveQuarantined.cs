using Microsoft.AspNetCore.Mvc;

namespace Personalization.Portal.Features;

/// <summary>Has a message decided on as if it came now, or deleted.</summary>
internal static class ResolveQuarantined
{
    public static void Map(IEndpointRouteBuilder routes) => routes.StaffPages().MapPost("/staff/quarantine/{id}", HandleAsync).DisableAntiforgery();

    private static async Task<IResult> HandleAsync(string id, [FromForm] string decide, [FromForm] string? reason, Visitor visitor, ProfileClient profile, CancellationToken cancellationToken)
    {
        if (decide is not ("replay" or "discard")) return Page.SeeOther("/staff/quarantine");
        var resolved = await profile.ResolveAsync(visitor.Session!, id, decide, reason?.Trim() ?? "", cancellationToken);
        return resolved.Problem switch
        {
            null => Page.SeeOther("/staff/quarantine"),
            { Status: StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden } problem => Page.Of(problem),
            var problem => Page.SeeOther($"/staff/quarantine?problem={Uri.EscapeDataString(problem.Slug)}"),
        };
    }
}
