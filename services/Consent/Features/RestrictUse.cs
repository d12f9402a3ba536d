using System.Security.Claims;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Metadata;
using Personalization.Consent.Domain;
using Personalization.Contracts.Consent;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>A person, or an officer, has data kept and not used. It takes effect as a revocation does, but nothing is erased, and lifting it puts everything back.</summary>
internal static partial class RestrictUse
{
    private const int MostNames = 50;
    private const int MostStanding = 20;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/restrictions", HandleAsync)
        .AllowRolesAndAnyPerson(Roles.Product, Roles.Officer, Roles.Service)
        .ShowsNobody()
        .WithSummary("Restrict the use of somebody's data")
        .WithDescription(
            "purposes and categories: only use of these (absent: of all); reason: accuracyContested, unlawfulUse, legalClaims or objectionPending; until: when it ends by itself. "
            + "200: nothing that starts from now on uses the data or stores more, in any service; 202 names the services not heard of yet. The same again is answered, not placed again.");

    private static async Task<Results<RestrictionResult, ProblemHttpResult>> HandleAsync(
        Request asked, ClaimsPrincipal caller, DocumentSession session, SubjectRefs refs, ConsentTelemetry telemetry, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!SubjectRefs.IsCustomerId(asked.CustomerId)) return Problems.BadCustomerId();
        if (caller.IsSomebodyElse(asked.CustomerId)) return Problems.Of(StatusCodes.Status403Forbidden, "forbidden", "The caller's role does not allow this.", "A person restricts the use of their own data.");
        var now = time.GetUtcNow();
        if (!IsNames(asked.Purposes) || !IsNames(asked.Categories) || asked.Until <= now || (asked.Reason == RestrictionReason.ErasurePending) != (caller.Role == Roles.Service))
        {
            return Problems.Of(
                StatusCodes.Status400BadRequest, "bad-restriction", "Use can't be restricted like this.",
                $"1 to {MostNames} purposes and as many categories, where only these are meant; an until in the future, if any; not erasurePending, which POST /erasures brings.");
        }

        var officer = caller.Role == Roles.Officer ? caller.ReaderOf(refs) : null;
        if (officer is null && caller.Role == Roles.Officer) return Problems.ReaderUnknown();
        foreach (var purpose in asked.Purposes ?? [])
        {
            if (await session.LoadAsync<Purpose>(purpose, cancellationToken) is null) return Refusals.UnknownPurpose.ToProblem();
        }

        var subject = refs.Of(asked.CustomerId);
        var record = await session.LoadAsync<ConsentRecord>(subject, cancellationToken) ?? ConsentRecord.Empty(subject);
        var restriction = new Restriction
        {
            Id = Guid.CreateVersion7(now).ToString("N"),
            SubjectRef = subject,
            Purposes = asked.Purposes,
            Categories = asked.Categories,
            Reason = asked.Reason,
            PlacedBy = caller.Role,
            PlacedAt = now,
            Until = asked.Until,
        };
        if (record.Restrictions.FirstOrDefault(restriction.SaysTheSameAs) is { } standing) return new RestrictionResult(standing, new DecisionResult(record, null, null, isNarrowing: false));

        // Who wants to be forgotten is never told that it is too many.
        if (record.Restrictions.Count >= MostStanding && caller.Role != Roles.Service)
        {
            return Problems.Of(
                StatusCodes.Status409Conflict, "too-many-restrictions", "Too many restrictions stand already.", $"At most {MostStanding} stand for a person; one without purposes and categories covers everything.");
        }

        session.Store(restriction);
        session.Publish(new UseRestricted
        {
            RestrictionId = restriction.Id,
            SubjectRef = subject,
            Version = record.Version + 1,
            Purposes = restriction.Purposes,
            Categories = restriction.Categories,
            Reason = restriction.ReasonWord,
            PlacedBy = restriction.PlacedBy,
            Officer = officer,
            PlacedAt = now,
            Until = restriction.Until,
        });
        telemetry.Decided("restricted");
        var change = record.Restrict(restriction, now);
        var entry = await RecordChange.StoreAsync(session, change, ChangeKind.Revoked, new DecisionSource("restriction"), now, cancellationToken);
        return new RestrictionResult(restriction, new DecisionResult(change.Record, entry.ReceiptId, null, isNarrowing: true));
    }

    private static bool IsNames(IReadOnlyList<string>? names) => names is null || (names.Count is > 0 and <= MostNames && names.All(name => name is not null && Name().IsMatch(name)));

    [GeneratedRegex("^[a-z0-9][a-z0-9._-]{0,63}$", RegexOptions.NonBacktracking)]
    private static partial Regex Name();

    /// <summary>What is not to be used.</summary>
    internal sealed record Request
    {
        /// <summary>The caller's id of the person.</summary>
        public required string CustomerId { get; init; }

        /// <summary>Only use for these purposes; absent: for any.</summary>
        public IReadOnlyList<string>? Purposes { get; init; }

        /// <summary>Only use of these categories; absent: of any.</summary>
        public IReadOnlyList<string>? Categories { get; init; }

        /// <summary>Why.</summary>
        public required RestrictionReason Reason { get; init; }

        /// <summary>When it is lifted by itself; absent: when somebody lifts it.</summary>
        public DateTimeOffset? Until { get; init; }
    }
}

/// <summary>A restriction as callers see it: names nobody.</summary>
/// <param name="RestrictionId">Its id.</param>
/// <param name="Purposes">Only use for these; absent: for any.</param>
/// <param name="Categories">Only use of these; absent: of any.</param>
/// <param name="Reason">Why.</param>
/// <param name="PlacedBy">The role of who placed it.</param>
/// <param name="PlacedAt">UTC.</param>
/// <param name="Until">When it is lifted by itself, UTC; absent: when somebody lifts it.</param>
public sealed record RestrictionView(
    string RestrictionId, IReadOnlyList<string>? Purposes, IReadOnlyList<string>? Categories, RestrictionReason Reason, string PlacedBy, DateTimeOffset PlacedAt, DateTimeOffset? Until)
{
    /// <summary>The view of one.</summary>
    public static RestrictionView Of(Restriction restriction) => new(
        restriction.Id, restriction.Purposes, restriction.Categories, restriction.Reason, restriction.PlacedBy, restriction.PlacedAt, restriction.Until);
}

/// <summary>Answer to a restriction, or to its having been lifted.</summary>
/// <param name="Restriction">Which.</param>
/// <param name="ReceiptId">The proof; absent if everything was so already.</param>
/// <param name="Version">The subject's consent version.</param>
/// <param name="InForce">Where it is in force.</param>
public sealed record RestrictionAnswer(RestrictionView Restriction, string? ReceiptId, long Version, InForce InForce);

/// <summary>Waits as a decision's answer does, once the change is durable.</summary>
internal sealed class RestrictionResult(Restriction restriction, DecisionResult decision) : IResult, IEndpointMetadataProvider
{
    public static void PopulateMetadata(System.Reflection.MethodInfo method, EndpointBuilder builder)
    {
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(RestrictionAnswer), ["application/json"]));
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status202Accepted, typeof(RestrictionAnswer), ["application/json"]));
    }

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var inForce = await decision.WaitAsync(httpContext);
        httpContext.Response.StatusCode = inForce.WaitingFor.Count == 0 ? StatusCodes.Status200OK : StatusCodes.Status202Accepted;
        await httpContext.Response.WriteAsJsonAsync(
            new RestrictionAnswer(RestrictionView.Of(restriction), decision.ReceiptId, decision.Record.Version, inForce), Json.Options, httpContext.RequestAborted);
    }
}
