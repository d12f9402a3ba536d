using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Audit.Domain;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;

namespace Personalization.Audit.Features;

/// <summary>That a notice of an incident was sent: its clock stops.</summary>
internal static class RecordIncidentNotice
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPut("/incidents/{incidentId}/notices/{notice}", HandleAsync)
        .AllowRoles(Roles.Officer)
        .ShowsNobody()
        .WithSummary("Record that a notice of an incident was sent")
        .WithDescription("notice: authority-first (24 hours), authority-result or gdpr (72 hours).");

    private static async Task<Results<Ok<Incident>, ProblemHttpResult>> HandleAsync(
        string incidentId, string notice, Request request, DocumentSession session, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await session.LoadAsync<Incident>(incidentId, cancellationToken) is not { } incident) return Problems.NotFound("incident");
        var now = time.GetUtcNow();
        if (request.SentAt > now || request.SentAt < incident.NoticedAt || !RecordIncident.AreTexts([request.Reference]))
        {
            return Problems.Of(
                StatusCodes.Status400BadRequest, "bad-incident", "The incident can't be recorded like this.", "sentAt is between the noticing and now; reference is what the receiver calls it.");
        }

        if (incident.Send(notice, request.SentAt, request.Reference) is not { } next) return Problems.NotFound("notice");
        RecordIncident.Store(next, notice, now, session);
        return TypedResults.Ok(next);
    }

    /// <summary>What was sent.</summary>
    public sealed record Request
    {
        /// <summary>UTC.</summary>
        public required DateTimeOffset SentAt { get; init; }

        /// <summary>What the receiver calls it.</summary>
        public string? Reference { get; init; }
    }
}
