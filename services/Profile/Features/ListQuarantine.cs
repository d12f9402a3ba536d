using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>A message in quarantine, without what it says.</summary>
/// <param name="Id">Names it.</param>
/// <param name="State"><c>waiting</c> or <c>resolved</c>.</param>
/// <param name="Reason">Why it is here.</param>
/// <param name="ReceivedAt">When it came, UTC.</param>
/// <param name="ExpiresAt">When it is deleted, UTC.</param>
/// <param name="Size">Bytes.</param>
/// <param name="IsAboutSomebody">Whether a person can be told from it, whose erasure then deletes it.</param>
/// <param name="Type">Its event type, if readable.</param>
/// <param name="Source">Its publisher, if readable.</param>
/// <param name="Resolution">What was decided.</param>
public sealed record QuarantineItem(
    string Id, string State, string Reason, DateTimeOffset ReceivedAt, DateTimeOffset ExpiresAt, int Size, bool IsAboutSomebody, string? Type = null, string? Source = null,
    QuarantineResolution? Resolution = null)
{
    internal static QuarantineItem Of(QuarantinedMessage message) => new(
        message.Id, message.Resolution is null ? "waiting" : "resolved", message.Reason, message.ReceivedAt, message.ExpiresAt, message.Size, message.SubjectRef is not null,
        message.Type, message.Source, message.Resolution);
}

/// <summary>A page of the quarantine.</summary>
/// <param name="Items">The oldest first.</param>
/// <param name="Next">Value of <c>after</c> for the next page; null: the last one.</param>
public sealed record QuarantineAnswer(IReadOnlyList<QuarantineItem> Items, string? Next);

/// <summary>What waits for an operator, or was decided on. Nobody is shown what a message says.</summary>
internal static class ListQuarantine
{
    private const int Page = 200;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/quarantine", HandleAsync)
        .AllowRoles(Roles.Operator, Roles.Officer)
        .ShowsNobody()
        .WithSummary("Messages that are no events: why, when, from whom; never what they say");

    private static async Task<Results<Ok<QuarantineAnswer>, ProblemHttpResult>> HandleAsync(
        DocumentSession session, CancellationToken cancellationToken, string state = "waiting", string? after = null)
    {
        if (state is not ("waiting" or "resolved")) return Problems.Of(StatusCodes.Status400BadRequest, "bad-state", "There is no such state.", "waiting or resolved.");
        var rows = await session.QueryRowsAsync<QuarantinedMessage>(state, after: after, limit: Page, cancellationToken: cancellationToken);
        return TypedResults.Ok(new QuarantineAnswer(
            [.. rows.Select(row => row.Document).OfType<QuarantinedMessage>().Select(QuarantineItem.Of)], rows.Count < Page ? null : rows[^1].Value));
    }
}
