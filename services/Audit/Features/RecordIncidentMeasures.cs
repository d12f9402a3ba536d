using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Audit.Domain;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;

namespace Personalization.Audit.Features;

/// <summary>What was done about an incident and found out meanwhile. Each version's fingerprint is in the log.</summary>
internal static class RecordIncidentMeasures
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPut("/incidents/{incidentId}/measures", HandleAsync)
        .AllowRoles(Roles.Officer, Roles.Operator)
        .ShowsNobody()
        .WithSummary("Record what was done about an incident")
        .WithDescription("measures replaces the list; causes, harm and inquiry (what it found) replace what was recorded, unless left out; an empty text takes it back. What is concerned is taken from the data map anew.");

    private static async Task<Results<Ok<Incident>, ProblemHttpResult>> HandleAsync(
        string incidentId, Request request, DocumentSession session, TimeProvider time, CancellationToken cancellationToken)
    {
        if (request.Measures.Count == 0 || !RecordIncident.AreTexts([WordsOf(request.Causes), WordsOf(request.Harm), WordsOf(request.Inquiry), .. request.Measures]))
        {
            return Problems.Of(
                StatusCodes.Status400BadRequest, "bad-incident", "The incident can't be recorded like this.", $"At least one measure; a text has 1 to {RecordIncident.LongestText} characters.");
        }

        if (await session.LoadAsync<Incident>(incidentId, cancellationToken) is not { } incident) return Problems.NotFound("incident");
        var next = incident with
        {
            Measures = request.Measures,
            Causes = WordsOf(request.Causes ?? incident.Causes),
            Harm = WordsOf(request.Harm ?? incident.Harm),
            Inquiry = WordsOf(request.Inquiry ?? incident.Inquiry),
        };
        next = next.Mapped(await RecordIncident.MapsAsync(session, cancellationToken));
        RecordIncident.Store(next, "measures", time.GetUtcNow(), session);
        return TypedResults.Ok(next);
    }

    // What was wrong is taken back, not overwritten with something to say so.
    private static string? WordsOf(string? text) => text is "" ? null : text;

    /// <summary>What was done.</summary>
    public sealed record Request
    {
        /// <summary>Oldest first.</summary>
        public required IReadOnlyList<string> Measures { get; init; }

        /// <summary>What caused it; empty: that isn't known after all.</summary>
        public string? Causes { get; init; }

        /// <summary>What harm there is; empty: none is known.</summary>
        public string? Harm { get; init; }

        /// <summary>What the inquiry found; empty: it isn't finished.</summary>
        public string? Inquiry { get; init; }
    }
}
