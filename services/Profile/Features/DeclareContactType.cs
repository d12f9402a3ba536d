using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>A contact type as somebody wrote it.</summary>
/// <param name="Description">What it is used for, in a sentence.</param>
/// <param name="Category">The category of data that people decide on.</param>
/// <param name="Purposes">What it may be used for.</param>
public sealed record ContactTypeDeclaration(string Description, string Category, IReadOnlyList<string> Purposes);

/// <summary>The declared contact types.</summary>
public sealed record ContactTypesAnswer(IReadOnlyList<ContactType> Items, string? Next);

/// <summary>Declares what a kind of contact data may be kept for, and lists what is declared.</summary>
internal static class DeclareContactType
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPut("/contact-types/{type}", HandleAsync).AllowRoles(Roles.Operator).ShowsNobody().WithSummary("Declare what a kind of contact data (email, phone) may be kept for");
        routes.MapGet("/contact-types", ListAsync).WithName("ListContactTypes").AllowRoles(Roles.Product, Roles.Operator, Roles.Officer).ShowsNobody().WithSummary("Declared contact types");
    }

    private static async Task<Results<Ok<ContactType>, ProblemHttpResult>> HandleAsync(
        string type, ContactTypeDeclaration declaration, DocumentSession session, CancellationToken cancellationToken)
    {
        var declared = new ContactType
        {
            Type = type,
            Description = declaration.Description,
            Category = declaration.Category,
            Purposes = [.. declaration.Purposes.Distinct().Order(StringComparer.Ordinal)],
        };
        var wrong = declared.Check();
        if (wrong.Count > 0)
        {
            return Problems.Of(
                StatusCodes.Status400BadRequest, "bad-declaration", "The contact type can't be declared so.", "Nothing was changed.", [KeyValuePair.Create("errors", (object?)wrong)]);
        }

        await session.LoadAsync<ContactType>(type, cancellationToken);
        session.Store(declared);
        return TypedResults.Ok(declared);
    }

    private static async Task<Ok<ContactTypesAnswer>> ListAsync(DocumentSession session, CancellationToken cancellationToken)
    {
        var declared = await session.LoadManyAsync<ContactType>([.. ContactType.All], cancellationToken);
        return TypedResults.Ok(new ContactTypesAnswer([.. declared.Values.OrderBy(type => type.Type, StringComparer.Ordinal)], null));
    }
}
