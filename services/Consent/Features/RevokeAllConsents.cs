using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>A person takes everything back; Retention calls it too before it erases on demand.</summary>
internal static class RevokeAllConsents
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapDelete("/consents/{customerId}", HandleAsync)
        .AllowRoles(Roles.Product, Roles.Subject, Roles.Service)
        .Repeatable<DecisionResult>()
        .WithSummary("Revoke every purpose");

    private static async Task<Results<DecisionResult, ProblemHttpResult>> HandleAsync(
        string customerId, DocumentSession session, SubjectRefs refs, ConsentTelemetry telemetry, TimeProvider time, CancellationToken cancellationToken) =>
        SubjectRefs.IsCustomerId(customerId)
            ? await RevokeConsent.RevokeAsync(refs.Of(customerId), null, new DecisionSource("api"), session, telemetry, time, cancellationToken)
            : Problems.BadCustomerId();
}
