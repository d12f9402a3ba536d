using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Consent.Domain;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>The numbered stream, for the services that follow it. Not routed by the gateway.</summary>
internal static class ReadConsentStream
{
    private const int Page = 500;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/internal/consent-stream", HandleAsync)
        .AllowRoles(Roles.Service)
        .ExcludeFromDescription();

    private static async Task<Results<Ok<ConsentStreamPage>, RecordedRefusal>> HandleAsync(long after, DocumentSession session, CancellationToken cancellationToken)
    {
        // The head before the entries: what gets a number in between is on the page or after it, never missed.
        var found = await session.LoadAsync<StreamHead>(StreamHead.Only, cancellationToken) ?? StreamHead.None;
        if (found.Hear(after) is { } heard) session.Store(found = heard);

        // Nobody is to rely on consents then: without an answer leases end.
        if (found.IsBehind) return new RecordedRefusal(Problems.Of(StatusCodes.Status503ServiceUnavailable, "consents-missing", "Decisions are missing here.", WatchStreamHead.Behind));
        var head = found.Number;
        if (after >= head) return TypedResults.Ok(new ConsentStreamPage { Head = head, Through = head, Entries = [] });
        var entries = await session.QueryAsync<StreamEntry>("number", after: Json.FormatNumber(after), limit: Page, cancellationToken: cancellationToken);
        return TypedResults.Ok(new ConsentStreamPage
        {
            Head = head,
            Through = entries.Count == 0 ? head : entries.Count < Page ? Math.Max(head, NumberOf(entries[^1])) : NumberOf(entries[^1]),
            Entries = [.. entries.Select(entry => entry.Entry)],
        });
    }

    private static long NumberOf(StreamEntry entry) => entry.Entry.Event.Consent.Number;
}
