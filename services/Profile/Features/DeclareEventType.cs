using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>Declares what of an event may be stored, and for what; the same content again changes nothing.</summary>
internal static class DeclareEventType
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPut("/event-types/{type}", HandleAsync)
        .AllowRoles(Roles.Operator)
        .ShowsNobody()
        .WithSummary("Declare an event type");

    private static async Task<Results<Ok<EventType>, ProblemHttpResult>> HandleAsync(
        string type, EventTypeDeclaration declaration, DocumentSession session, IOptions<ProfileOptions> options, TimeProvider time, CancellationToken cancellationToken)
    {
        if (declaration.ToEventType(type, out var errors) is not { } declared)
        {
            return Problems.Of(
                StatusCodes.Status400BadRequest, "bad-declaration", "The event type can't be declared so.", "Nothing was changed.", [KeyValuePair.Create("errors", (object?)errors)]);
        }

        var before = await session.LoadAsync<EventType>(type, cancellationToken);
        if (before?.SaysTheSameAs(declared) == true) return TypedResults.Ok(before);
        var next = declared with { Version = (before?.Version ?? 0) + 1 };
        session.Store(next);
        session.Store(new EventTypeVersion { Declared = next, DeclaredAt = time.GetUtcNow() });

        // In the same write: what is newly declared is not taken for unused.
        var today = time.GetUtcNow().DayOf();
        var usage = await session.LoadAsync<FieldUsage>(type, cancellationToken) ?? new FieldUsage { Type = type };
        session.Store(usage.Declare(before, next, today));
        var types = (await session.EventTypesAsync(cancellationToken)).ToDictionary();
        types[type] = next;
        await session.MeterAsync(types, [next], options.Value.RecommenderPurpose, today, cancellationToken);

        // Rules may ask for what is now declared otherwise.
        if (before is not null) await session.EvaluateEverybodyAsync(cancellationToken);
        return TypedResults.Ok(next);
    }
}
