using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>A segment as it is declared.</summary>
/// <param name="Id">The segment.</param>
/// <param name="Version">Of its rule.</param>
/// <param name="Title">What people call it.</param>
/// <param name="Purpose">What it is for.</param>
/// <param name="Channels">Where an audience of it may be used.</param>
/// <param name="Rule">Who belongs to it. Rules hold rules, which a schema of limited depth can't show.</param>
public sealed record DeclaredSegment(string Id, int Version, string Title, string Purpose, IReadOnlyList<string> Channels, JsonElement Rule)
{
    /// <summary>Of a segment.</summary>
    internal static DeclaredSegment Of(Segment segment) =>
        new(segment.Id, segment.Version, segment.Title, segment.Purpose, segment.Channels, JsonSerializer.SerializeToElement(segment.Rule, Json.Options));
}

/// <summary>Declares who belongs to a segment, and what it is for; the same content again changes nothing. Everybody is evaluated soon after.</summary>
internal static class DeclareSegment
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPut("/segments/{id}", HandleAsync)
        .AllowRoles(Roles.Marketer, Roles.Operator)
        .ShowsNobody()
        .WithSummary("Declare a segment")
        .WithDescription(
            "rule: {all:[…]}, {any:[…]}, {not:…} or {measure, is, value}. measure: {event, of, field?, within?, where?: [{field, is, value}]}, "
            + "of: count, sum, average, min, max, last, distinct or daysSince; within: P30D, PT12H; is: =, !=, <, <=, >, >= or in. "
            + "Only fields that the segment's purpose may use, of categories that a person permits for it, count.");

    private static async Task<Results<Ok<DeclaredSegment>, ProblemHttpResult>> HandleAsync(
        string id, SegmentDeclaration declaration, DocumentSession session, TimeProvider time, CancellationToken cancellationToken)
    {
        var types = await session.EventTypesAsync(cancellationToken);
        if (declaration.ToSegment(id, types, out var errors) is not { } declared) return Refuse(errors);

        var before = await session.LoadAsync<Segment>(id, cancellationToken);
        var next = before?.Replace(declared) ?? declared;
        session.Store(next);
        await session.UseAsync(
            new UsableFields(next.Purpose, types).TakenBy(next.Rule), new FieldUse(UseKind.Segment, next.Id, time.GetUtcNow().DayOf(), next.Purpose), cancellationToken);
        if (next.Version != before?.Version) await session.EvaluateEverybodyAsync(cancellationToken);
        return TypedResults.Ok(DeclaredSegment.Of(next));
    }

    internal static ProblemHttpResult Refuse(IReadOnlyList<DeclarationError> errors) => Problems.Of(
        StatusCodes.Status400BadRequest, "bad-segment", "The segment can't be declared so.", "Nothing was changed.", [KeyValuePair.Create("errors", (object?)errors)]);
}
