using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>A segment and how many people belong to it.</summary>
/// <param name="Segment">As it is declared.</param>
/// <param name="People">How many do, if it may be told.</param>
/// <param name="IsComplete">Whether everybody was looked at since the rule, or an event type, changed last.</param>
public sealed record SegmentAnswer(DeclaredSegment Segment, PeopleCount People, bool IsComplete);

/// <summary>All segments.</summary>
public sealed record SegmentsAnswer(IReadOnlyList<SegmentAnswer> Items, string? Next);

/// <summary>What segments there are, with counts and never a person.</summary>
internal static class ListSegments
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/segments", ListAsync).WithName("ListSegments").AllowRoles(Roles.Marketer, Roles.Operator, Roles.Officer).ShowsStaff("segments", ["segment-membership"], isItselfCounts: true)
            .WithSummary("Segments, small counts suppressed");
        routes.MapGet("/segments/{id}", ReadAsync).WithName("ReadSegment").AllowRoles(Roles.Marketer, Roles.Operator, Roles.Officer).ShowsStaff("segments", ["segment-membership"], isItselfCounts: true)
            .WithSummary("A segment, a small count suppressed");
    }

    private static async Task<Ok<SegmentsAnswer>> ListAsync(DocumentSession session, IOptions<ProfileOptions> options, CancellationToken cancellationToken)
    {
        var answers = new List<SegmentAnswer>();
        foreach (var segment in await session.SegmentsAsync(cancellationToken)) answers.Add(await DescribeAsync(segment, session, options.Value, cancellationToken));
        return TypedResults.Ok(new SegmentsAnswer(answers, null));
    }

    private static async Task<Results<Ok<SegmentAnswer>, ProblemHttpResult>> ReadAsync(
        string id, DocumentSession session, IOptions<ProfileOptions> options, CancellationToken cancellationToken) =>
        await session.SegmentAsync(id, cancellationToken) is { } segment
            ? TypedResults.Ok(await DescribeAsync(segment, session, options.Value, cancellationToken))
            : Problems.NotFound("segment");

    private static async Task<SegmentAnswer> DescribeAsync(Segment segment, DocumentSession session, ProfileOptions options, CancellationToken cancellationToken) => new(
        DeclaredSegment.Of(segment),
        PeopleCount.Of(await session.CountMembersAsync(segment, cancellationToken), options.SuppressBelow),
        await session.LoadAsync<EvaluationPass>(EvaluationPass.Only, cancellationToken) is null);
}
