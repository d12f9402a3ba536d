using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Platform.Http;

namespace Personalization.Consent.Features;

/// <summary>There is no way to agree to several purposes at once, and this says so to whoever looks for one.</summary>
internal static class RefuseBundles
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPut("/consents/{customerId}", Handle)
        .AllowRoles(Roles.Product, Roles.Subject)
        .WithSummary("Always refused: consent is given to one purpose at a time")
        .WithDescription("152-FZ art. 9: each purpose takes a consent of its own. PUT /consents/{customerId}/{purpose} decides on one.");

    private static ProblemHttpResult Handle(string customerId) => Refusals.Bundled.ToProblem();
}
