using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>A product service takes part no longer. As long as it owes receipts it can't go: cases wait for them.</summary>
internal static class RemoveParticipant
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapDelete("/participants/{name}", HandleAsync)
        .AllowRoles(Roles.Operator)
        .ShowsNobody()
        .WithSummary("Have a product service take part in erasures no longer");

    private static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(string name, DocumentSession session, CancellationToken cancellationToken)
    {
        if (await session.OwedAsync(name, cancellationToken) is > 0 and var owed)
        {
            return Problems.Of(
                StatusCodes.Status409Conflict, "participant-owes-receipts", "The participant owes receipts, and cases wait for them.", "It can go when it has answered.", [new("owes", owed)]);
        }

        if (await session.LoadAsync<Participant>(name, cancellationToken) is not null) session.Delete<Participant>(name);
        return TypedResults.NoContent();
    }
}
