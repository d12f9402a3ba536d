using System.Security.Claims;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Retention.Domain;

namespace Personalization.Retention.Features;

/// <summary>Somebody objects. To direct marketing there is nothing to decide, so it ends at once, as by a revocation; anything else waits for an officer.</summary>
public static partial class RaiseObjection
{
    /// <summary>Characters a statement may have, and an answer.</summary>
    public const int LongestText = 4000;

    /// <summary>Maps the endpoint.</summary>
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/objections", HandleAsync)
        .AllowRolesAndAnyPerson(Roles.Product, Roles.Officer)
        .ShowsNobody()
        .Repeatable<RaisedObjection>()
        .Produces<ObjectionView>().Produces<ObjectionView>(StatusCodes.Status202Accepted)
        .WithSummary("Object to a decision, to profiling or to direct marketing")
        .WithDescription(
            "to: decision (with decision, as the answer named it), profiling (with purpose) or directMarketing, which revokes every purpose of the type marketing at once: "
            + "200 when that is in force everywhere. 202 otherwise; an officer answers by dueAt.");

    private static async Task<Results<RaisedObjection, ProblemHttpResult>> HandleAsync(
        Request raised, ClaimsPrincipal caller, ConsentClient consents, SubjectRefs subjects, DocumentSession session, IOptions<RetentionOptions> options, TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (!SubjectRefs.IsCustomerId(raised.CustomerId)) return Problems.BadCustomerId();
        if (caller.IsSomebodyElse(raised.CustomerId)) return Problems.Of(StatusCodes.Status403Forbidden, "forbidden", "The caller's role does not allow this.", "A person objects for themselves.");
        if (!raised.IsComplete)
        {
            return Problems.Of(
                StatusCodes.Status400BadRequest, "bad-objection", "The objection can't be taken like this.",
                $"To a decision: name its modelVersion. To profiling: name the purpose. Only what belongs to it; a statement has at most {LongestText} characters.");
        }

        var now = time.GetUtcNow();
        var objection = new Objection
        {
            Id = Guid.CreateVersion7(now).ToString("N"),
            SubjectRef = subjects.Of(raised.CustomerId),
            CustomerId = raised.CustomerId,
            To = raised.To,
            Purpose = raised.Purpose,
            Decision = raised.Decision,
            Statement = raised.Statement,
            ReceivedAt = now,
            DueAt = now.AddDays(options.Value.ObjectionDays),
        };
        session.Publish(new ObjectionReceived
        {
            ObjectionId = objection.Id,
            SubjectRef = objection.SubjectRef,
            To = JsonNamingPolicy.CamelCase.ConvertName(objection.To.ToString()),
            Purpose = objection.Purpose,
            ReceivedAt = now,
            DueAt = objection.DueAt,
        });
        if (raised.To == ObjectionTo.DirectMarketing)
        {
            var revoked = new List<RevokedPurpose>();
            foreach (var purpose in await consents.MarketingPurposesAsync(cancellationToken))
            {
                if (await consents.RevokeAsync(raised.CustomerId, purpose, cancellationToken) is { } ended) revoked.Add(ended);
            }

            objection = ResolveObjection.Resolve(objection, ObjectionOutcome.Upheld, null, revoked, time.GetUtcNow(), session);
        }

        session.Store(objection);
        return new RaisedObjection(objection, time.GetUtcNow());
    }

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$")]
    private static partial Regex Word();

    /// <summary>What somebody objects to.</summary>
    public sealed record Request
    {
        /// <summary>The caller's id of the person.</summary>
        public required string CustomerId { get; init; }

        /// <summary>What to.</summary>
        public required ObjectionTo To { get; init; }

        /// <summary>Of profiling: the purpose.</summary>
        public string? Purpose { get; init; }

        /// <summary>Of a decision: which.</summary>
        public ObjectedDecision? Decision { get; init; }

        /// <summary>In the person's own words, if they like.</summary>
        public string? Statement { get; init; }

        internal bool IsComplete => Statement is not { Length: > LongestText }
            && (To == ObjectionTo.Profiling ? Purpose is not null && Word().IsMatch(Purpose) : Purpose is null)
            && (To == ObjectionTo.Decision
                ? Decision is { ConsentVersion: null or >= 0 } && Word().IsMatch(Decision.ModelVersion) && (Decision.ItemId is null || Word().IsMatch(Decision.ItemId))
                : Decision is null);
    }
}

/// <summary>The answer: 200 if what follows is in force everywhere, 202 if somebody has still to do something.</summary>
internal sealed class RaisedObjection(Objection objection, DateTimeOffset now) : IRepeatableResult<RaisedObjection>
{
    public static async Task<RaisedObjection> RecallAsync(string remembered, HttpContext http)
    {
        var session = http.RequestServices.GetRequiredService<DocumentSession>();
        var objection = await session.LoadAsync<Objection>(remembered, http.RequestAborted) ?? throw new InvalidOperationException("An objection outlives the memory of its request.");
        return new RaisedObjection(objection, http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow());
    }

    public string Remember() => objection.Id;

    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.Headers.Location = $"/objections/{objection.Id}";
        httpContext.Response.Headers.CacheControl = "private, no-store";
        httpContext.Response.StatusCode = objection.IsOpen || objection.Revoked.Any(revoked => !revoked.InForce) ? StatusCodes.Status202Accepted : StatusCodes.Status200OK;
        return httpContext.Response.WriteAsJsonAsync(ObjectionView.Of(objection, now), Json.Options, httpContext.RequestAborted);
    }
}
