using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Contracts.Retention;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;
using Personalization.Retention.Domain;

namespace Personalization.Retention.Features;

/// <summary>An officer answers. If a person who objects to profiling is right, the purpose is revoked before that is on record.</summary>
internal static class ResolveObjection
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPut("/objections/{objectionId}/resolution", HandleAsync)
        .AllowRoles(Roles.Officer)
        .ShowsStaff("objection", ["pseudonym"])
        .WithSummary("Answer an objection")
        .WithDescription("outcome: upheld or rejected; answer: what the person is told. An objection to profiling that is upheld revokes the purpose. Once given, an answer stands.");

    private static async Task<Results<Ok<ObjectionView>, ProblemHttpResult>> HandleAsync(
        string objectionId, Request resolution, StaffRead read, ConsentClient consents, DocumentSession session, TimeProvider time, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(resolution.Answer) || resolution.Answer.Length > RaiseObjection.LongestText)
        {
            return Problems.Of(
                StatusCodes.Status400BadRequest, "bad-resolution", "The objection can't be answered like this.", $"The answer is what the person is told: 1 to {RaiseObjection.LongestText} characters.");
        }

        if (await session.LoadAsync<Objection>(objectionId, cancellationToken) is not { } objection) return Problems.NotFound("objection");
        read.SubjectRef = objection.SubjectRef;
        if (!objection.IsOpen)
        {
            return (objection.Outcome, objection.Answer) == (resolution.Outcome, resolution.Answer)
                ? TypedResults.Ok(ObjectionView.Of(objection, time.GetUtcNow()))
                : Problems.Of(StatusCodes.Status409Conflict, "objection-resolved", "The objection has its answer already.", "GET /objections/{objectionId} shows it.");
        }

        List<RevokedPurpose> revoked = [];
        if (resolution.Outcome == ObjectionOutcome.Upheld && objection.Purpose is { } purpose
            && await consents.RevokeAsync(objection.CustomerId, purpose, cancellationToken) is { } ended)
        {
            revoked.Add(ended);
        }

        var resolved = Resolve(objection, resolution.Outcome, resolution.Answer, revoked, time.GetUtcNow(), session);
        session.Store(resolved);
        return TypedResults.Ok(ObjectionView.Of(resolved, time.GetUtcNow()));
    }

    /// <summary>The objection with its answer, which is told of with the same commit.</summary>
    public static Objection Resolve(
        Objection objection, ObjectionOutcome outcome, string? answer, IReadOnlyList<RevokedPurpose> revoked, DateTimeOffset now, DocumentSession session)
    {
        session.Publish(new ObjectionResolved
        {
            ObjectionId = objection.Id,
            SubjectRef = objection.SubjectRef,
            Outcome = JsonNamingPolicy.CamelCase.ConvertName(outcome.ToString()),
            Revoked = [.. revoked.Select(ended => ended.Purpose)],
            ResolvedAt = now,
        });
        return objection.Resolve(outcome, answer, revoked, now);
    }

    /// <summary>The answer.</summary>
    /// <param name="Outcome">Who is right.</param>
    /// <param name="Answer">What the person is told.</param>
    internal sealed record Request(ObjectionOutcome Outcome, string Answer);
}
