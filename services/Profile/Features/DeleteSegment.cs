using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>Ends a segment: nobody is counted or handed out from then on, and everybody in it leaves soon after. Of one that isn't there it does nothing.</summary>
internal static class DeleteSegment
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapDelete("/segments/{id}", HandleAsync)
        .AllowRoles(Roles.Marketer, Roles.Operator)
        .ShowsNobody()
        .WithSummary("Delete a segment; whoever is in it leaves");

    private static async Task<NoContent> HandleAsync(string id, DocumentSession session, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await session.SegmentAsync(id, cancellationToken) is { } segment)
        {
            session.Store(segment.Delete(time.GetUtcNow()));
            await session.EvaluateEverybodyAsync(cancellationToken);
        }

        return TypedResults.NoContent();
    }
}
