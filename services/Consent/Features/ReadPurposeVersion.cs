using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Consent.Domain;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>What people were told by an earlier version: a decision refers to the one it was made on.</summary>
internal static class ReadPurposeVersion
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/purposes/{id}/versions/{version:int}", HandleAsync)
        .AllowAnonymous()
        .WithSummary("A purpose as a version of its notices told of it");

    private static async Task<Results<Ok<PurposeVersion>, ProblemHttpResult>> HandleAsync(string id, int version, DocumentSession session, CancellationToken cancellationToken) =>
        await session.LoadAsync<PurposeVersion>(PurposeVersion.IdOf(id, version), cancellationToken) is { } found
            ? TypedResults.Ok(found)
            : Problems.NotFound("version of a purpose");
}
