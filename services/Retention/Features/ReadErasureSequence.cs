using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Retention.Domain;

namespace Personalization.Retention.Features;

/// <summary>
/// Every erasure that was sent, in the order of the last sending, for participants that may have missed some, and for those that start the legal holds. Not numbered: see docs/decisions.
/// Not routed by the gateway.
/// </summary>
internal static class ReadErasureSequence
{
    private const int Page = 500;

    // Longer than a commit can take and than the clocks of several instances differ.
    private static readonly TimeSpan Unsettled = TimeSpan.FromMinutes(5);

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/internal/erasures", HandleAsync)
        .AllowRoles(Roles.Service)
        .ExcludeFromDescription();

    private static async Task<Ok<ErasureSequencePage>> HandleAsync(
        string? after, OpenErasureCase sending, ChangeLegalHolds holds, DocumentSession session, TimeProvider time, CancellationToken cancellationToken, [FromQuery(Name = "holds")] bool withHolds = false)
    {
        var settled = Json.FormatTime(time.GetUtcNow() - Unsettled);
        var cases = await session.QueryAsync<ErasureCase>("sequence", after: after ?? "", limit: Page, cancellationToken: cancellationToken);
        var commands = new List<EraseSubject>(cases.Count);
        foreach (var erasure in cases) commands.Add(await sending.CommandAsync(erasure, session, cancellationToken));
        var last = cases.Count == Page ? cases[^1].SequenceOrder : null;
        return TypedResults.Ok(new ErasureSequencePage
        {
            Erasures = commands,
            Through = last is not null && string.CompareOrdinal(last, settled) < 0 ? last : settled,
            Next = last,
            Holds = withHolds ? await StatesAsync(holds, session, cancellationToken) : null,
        });
    }

    // Also of those whose last hold has ended: a copy may say that it stands.
    private static async Task<IReadOnlyList<LegalHoldsChanged>> StatesAsync(ChangeLegalHolds holds, DocumentSession session, CancellationToken cancellationToken)
    {
        var known = await session.QueryAsync<LegalHold>("placed", limit: int.MaxValue, cancellationToken: cancellationToken);
        var states = new List<LegalHoldsChanged>();
        foreach (var subjectRef in known.Select(hold => hold.SubjectRef).Distinct())
        {
            if (await holds.StateOfAsync(subjectRef, session, cancellationToken) is { } state) states.Add(state);
        }

        return states;
    }
}
