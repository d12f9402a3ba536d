using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>Declares a value that is made of what people did, and read with their profiles.</summary>
internal static class DeclareTrait
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPut("/traits/{name}", HandleAsync)
        .AllowRoles(Roles.Operator)
        .ShowsNobody()
        .WithSummary("Declare a trait")
        .WithDescription("measure as in a segment's rule; newest: so many of a field's last values instead of one.");

    private static async Task<Results<Ok<Trait>, ProblemHttpResult>> HandleAsync(
        string name, TraitDeclaration declaration, DocumentSession session, TimeProvider time, CancellationToken cancellationToken)
    {
        var types = await session.EventTypesAsync(cancellationToken);
        if (declaration.ToTrait(name, types, out var errors) is not { } declared)
        {
            return Problems.Of(
                StatusCodes.Status400BadRequest, "bad-trait", "The trait can't be declared so.", "Nothing was changed.", [KeyValuePair.Create("errors", (object?)errors)]);
        }

        await session.LoadAsync<Trait>(name, cancellationToken);
        session.Store(declared);
        await session.UseAsync(
            new UsableFields(declared.Purpose, types).TakenBy(declared.Measure), new FieldUse(UseKind.Trait, name, time.GetUtcNow().DayOf(), declared.Purpose), cancellationToken);
        return TypedResults.Ok(declared);
    }
}
