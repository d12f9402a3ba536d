using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>What is held of one event.</summary>
public sealed record ProfileItem(
    string EventType, string Source, DateTimeOffset Time, DateTimeOffset ReceivedAt, DateTimeOffset ExpiresAt, IReadOnlyList<ProfileField> Fields);

/// <summary>A page of a profile.</summary>
/// <param name="Items">What may be used now.</param>
/// <param name="Next">Value of <c>after</c> for the next page; null: the last one.</param>
public sealed record ProfileAnswer(IReadOnlyList<ProfileItem> Items, string? Next);

/// <summary>Each datum held of a person, with its category and what justifies keeping it. What consent no longer permits is not shown, erased or not yet.</summary>
internal static class ReadProfile
{
    private const int Page = 200;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/profiles/{customerId}", HandleAsync)
        .AllowRoles(Roles.Subject, Roles.Officer, Roles.Operator)
        .WithSummary("What is held of a person");

    private static async Task<Results<Ok<ProfileAnswer>, ProblemHttpResult>> HandleAsync(
        string customerId, DocumentSession session, SubjectRefs refs, TimeProvider time, CancellationToken cancellationToken, string? after = null)
    {
        if (!SubjectRefs.IsCustomerId(customerId)) return Problems.BadCustomerId();
        var subject = refs.Of(customerId);
        var gate = await session.LoadAsync<SubjectGate>(subject, cancellationToken) ?? SubjectGate.Closed(subject);
        var from = SubjectIndex.Of(subject, gate.Epoch, after ?? "");
        var rows = await session.QueryRowsAsync<ProfileDatum>(
            "subject", after: from, atMost: SubjectIndex.Through(subject, gate.Epoch), limit: Page, cancellationToken: cancellationToken);
        var now = time.GetUtcNow();
        return TypedResults.Ok(new ProfileAnswer(
            [.. rows.Select(row => row.Document?.PermittedBy(gate, now)).OfType<ProfileDatum>()
                .Select(datum => new ProfileItem(datum.EventType, datum.Source, datum.Time, datum.ReceivedAt, datum.ExpiresAt, datum.Fields))],
            rows.Count < Page ? null : rows[^1].Value[(rows[^1].Value.LastIndexOf('/') + 1)..]));
    }
}
