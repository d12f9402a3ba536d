using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Consent.Domain;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>The declared purposes.</summary>
public sealed record PurposesAnswer(IReadOnlyList<Purpose> Items, string? Next);

/// <summary>What people are asked, in full; nobody needs a token to read it.</summary>
internal static class ListPurposes
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/purposes", HandleAsync)
        .AllowAnonymous()
        .WithSummary("Purposes with their notices");

    private static async Task<Ok<PurposesAnswer>> HandleAsync(DocumentSession session, CancellationToken cancellationToken) =>
        TypedResults.Ok(new PurposesAnswer(await session.QueryAsync<Purpose>("all", cancellationToken: cancellationToken), null));
}
