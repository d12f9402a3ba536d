using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Audit.Domain;
using Personalization.Contracts.Audit;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;

namespace Personalization.Audit.Features;

/// <summary>Somebody noticed that personal data may have got where it shouldn't. What is concerned, and of how many people at most, the data map says.</summary>
internal static class RecordIncident
{
    /// <summary>Characters that a text may have.</summary>
    public const int LongestText = 4000;

    private const int MostItems = 100;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/incidents", HandleAsync)
        .AllowRoles(Roles.Officer, Roles.Operator)
        .ShowsNobody()
        .WithSummary("Record an incident")
        .WithDescription("noticedAt starts the clocks of 24 and 72 hours. services and categories as the data map names them; each service has to hold one of the categories, and each category has to be held. Name nobody.");

    private static async Task<Results<Created<Incident>, ProblemHttpResult>> HandleAsync(
        Request request, DocumentSession session, TimeProvider time, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (request.NoticedAt > now
            || !AreTexts([request.What, request.Causes, request.Harm, request.Contact, .. request.Measures ?? []])
            || request.Services is not { Count: > 0 and <= MostItems } || request.Categories is not { Count: > 0 and <= MostItems })
        {
            return Problems.Of(
                StatusCodes.Status400BadRequest, "bad-incident", "The incident can't be recorded like this.",
                $"noticedAt isn't ahead; services and categories aren't empty; a text has 1 to {LongestText} characters.");
        }

        var incident = new Incident
        {
            Id = Guid.CreateVersion7(now).ToString("N"),
            What = request.What,
            Causes = request.Causes,
            Harm = request.Harm,
            Contact = request.Contact,
            NoticedAt = request.NoticedAt,
            RecordedAt = now,
            Services = request.Services,
            Categories = request.Categories,
            Measures = request.Measures ?? [],
            Notices = Incident.NoticesOf(request.NoticedAt),
        }.Mapped(await MapsAsync(session, cancellationToken));
        if (request.Services.Except(incident.Affected.Select(data => data.Service)).Any() || request.Categories.Except(incident.Affected.SelectMany(data => data.Categories)).Any())
        {
            return Problems.Of(
                StatusCodes.Status400BadRequest, "unknown-in-data-map", "By the data map one of the services holds none of the categories, or one of the categories is held by none of the services.",
                "GET /audit/data-map names them.");
        }

        Store(incident, "incident", now, session);
        return TypedResults.Created($"/incidents/{incident.Id}", incident);
    }

    /// <summary>What each service announced last.</summary>
    internal static async Task<IReadOnlyList<DataMapAnnounced>> MapsAsync(DocumentSession session, CancellationToken cancellationToken) =>
        [.. (await session.QueryAsync<KnownDataMap>("participant", cancellationToken: cancellationToken)).Select(known => known.Announced)];

    /// <summary>Stores what was recorded and tells of it with the same commit.</summary>
    internal static void Store(Incident incident, string recorded, DateTimeOffset now, DocumentSession session)
    {
        session.Store(incident);
        session.Publish(new IncidentRecorded { IncidentId = incident.Id, Recorded = recorded, NoticedAt = incident.NoticedAt, RecordedAt = now, Fingerprint = incident.Fingerprint() });
    }

    /// <summary>Whether each is one, where there is one.</summary>
    internal static bool AreTexts(IEnumerable<string?> texts) => texts.OfType<string>().All(text => !string.IsNullOrWhiteSpace(text) && text.Length <= LongestText);

    /// <summary>What was noticed.</summary>
    public sealed record Request
    {
        /// <summary>What happened.</summary>
        public required string What { get; init; }

        /// <summary>UTC.</summary>
        public required DateTimeOffset NoticedAt { get; init; }

        /// <summary>The services concerned.</summary>
        public required IReadOnlyList<string> Services { get; init; }

        /// <summary>The categories of data concerned.</summary>
        public required IReadOnlyList<string> Categories { get; init; }

        /// <summary>What was done at once.</summary>
        public IReadOnlyList<string>? Measures { get; init; }

        /// <summary>What is presumed to have caused it.</summary>
        public string? Causes { get; init; }

        /// <summary>What harm is presumed.</summary>
        public string? Harm { get; init; }

        /// <summary>Whom the authority can ask.</summary>
        public string? Contact { get; init; }
    }
}
