using System.Security.Claims;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Personalization.Contracts.Profile;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Platform.Http;

/// <summary>What an endpoint shows staff of people. Every endpoint that staff may call says it, and a test fails for one that doesn't.</summary>
public static class StaffReadExtensions
{
    /// <summary>
    /// The answer holds data of these categories: staff get it only as the read rules say, for the purpose of <c>?purpose=</c> or their role's default one, with
    /// hints on what it is for; every read and every refusal is on record. Persons, product and other services aren't asked.
    /// </summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="data">What it is, in a word, for the record.</param>
    /// <param name="categories">As the data map calls them, at least one.</param>
    /// <param name="count">How many there are, for whoever may know that only, or the problem with what was asked for. Null: they are refused.</param>
    /// <param name="isItselfCounts">Whether the answer holds numbers only, so that it is what they get.</param>
    public static RouteHandlerBuilder ShowsStaff(
        this RouteHandlerBuilder endpoint, string data, IReadOnlyList<string> categories, StaffCount? count = null, bool isItselfCounts = false)
    {
        var shown = new ShownToStaff(data, categories);
        return endpoint.WithMetadata(shown).AddEndpointFilter(new StaffReadFilter(shown, count, isItselfCounts));
    }

    /// <summary>The answer holds data that rests on consent: its handler decides with <see cref="ReadRules"/> and the person's gate, category by category.</summary>
    public static RouteHandlerBuilder ShowsStaffByConsent(this RouteHandlerBuilder endpoint, string data) => endpoint.WithMetadata(new ShownToStaff(data, []));

    /// <summary>Nothing in the answer is about a person, but what the caller said in the request.</summary>
    public static RouteHandlerBuilder ShowsNobody(this RouteHandlerBuilder endpoint) => endpoint.WithMetadata(new ShownToStaff(null, []));
}

/// <summary>Counts what an endpoint would list for a request; a problem if the request is wrong.</summary>
public delegate Task<Results<Ok<CountAnswer>, ProblemHttpResult>> StaffCount(HttpRequest request, DocumentSession session, CancellationToken cancellationToken);

/// <summary>The answer to whoever may know only how many there are.</summary>
/// <param name="Count">So many.</param>
public sealed record CountAnswer(long Count);

/// <summary>The answer to <c>?hints=only</c>, for what comes as a file.</summary>
/// <param name="Hints">On each field of it.</param>
public sealed record HintsAnswer(IReadOnlyList<FieldHint> Hints);

/// <summary>What an endpoint shows staff.</summary>
/// <param name="Data">In a word; null: nothing about anybody.</param>
/// <param name="Categories">Of data; empty where the handler decides.</param>
internal sealed record ShownToStaff(string? Data, IReadOnlyList<string> Categories);

/// <summary>Whose data is read, for a handler to say that finds out on the way. Of each request.</summary>
public sealed class StaffRead
{
    /// <summary>The subject's pseudonym; null: of many, or of nobody in particular.</summary>
    public string? SubjectRef { get; set; }
}

/// <summary>Puts on record that somebody other than the person was shown something, or was refused it.</summary>
public sealed class StaffReads(SubjectRefs refs, TimeProvider time)
{
    /// <summary>Whether the read rules are for this role: not for people, and not for programs that act for them.</summary>
    public static bool IsStaff(string role) => role is Roles.Operator or Roles.Officer or Roles.Marketer or Roles.Auditor;

    /// <summary>Puts a read into the session: it is told of with the commit, before it is answered.</summary>
    /// <param name="caller">Who reads.</param>
    /// <param name="decision">What was decided on it.</param>
    /// <param name="data">What it is, in a word.</param>
    /// <param name="categories">What is in the answer or, of many people's data, what was asked for.</param>
    /// <param name="subjectRef">Whose data it is; null: many people's, or nobody knows.</param>
    /// <param name="epoch">The subject's epoch; 0 where none is known.</param>
    /// <param name="session">Tells of it.</param>
    public void Record(ClaimsPrincipal caller, ReadDecision decision, string data, IEnumerable<string> categories, string? subjectRef, int epoch, DocumentSession session)
    {
        var outcome = decision.Refusal is not null ? "refused" : decision.IsCountOnly ? "counted" : "shown";
        string[] ordered = [.. categories.Distinct().Order(StringComparer.Ordinal)];
        if (subjectRef is null)
        {
            session.Publish(new StaffReadDecided
            {
                Data = data,
                Role = caller.Role,
                Reader = caller.ReaderOf(refs),
                Purpose = decision.Purpose,
                Outcome = outcome,
                Reason = decision.Refusal,
                Compliance = decision.Compliance,
                RulesVersion = decision.RulesVersion,
                Categories = ordered,
                DecidedAt = time.GetUtcNow(),
            });
            return;
        }

        session.Publish(new PersonalDataRead
        {
            SubjectRef = subjectRef,
            Epoch = epoch,
            Data = data,
            Role = caller.Role,
            Reader = caller.ReaderOf(refs),
            Purpose = decision.Purpose,
            Outcome = outcome,
            Reason = decision.Refusal,
            Compliance = decision.Compliance,
            RulesVersion = decision.RulesVersion,
            Categories = ordered,
            ReadAt = time.GetUtcNow(),
        });
    }

    /// <summary>Whom the request's address names; null: nobody.</summary>
    internal static string? SubjectOf(HttpContext http, SubjectRefs refs) =>
        http.GetRouteValue("customerId") is string customer && SubjectRefs.IsCustomerId(customer) ? refs.Of(customer) : null;

    /// <summary>What the caller is told of a refusal.</summary>
    public static ProblemHttpResult ProblemOf(ReadDecision decision) => decision.Refusal switch
    {
        ReadDecision.PurposeRequired => Problems.Of(
            StatusCodes.Status400BadRequest, ReadDecision.PurposeRequired, "Reading a person's data needs a purpose of use.", "Name it: ?purpose= and the purpose's id. GET /read-rules says who may read what for which."),
        ReadDecision.ReaderUnknown => Problems.ReaderUnknown(),
        ReadDecision.NoConsent => Problems.Of(
            StatusCodes.Status403Forbidden, "no-consent-for-purpose", "The person does not consent to this purpose.", "Nobody may read their data for it; a person nothing is known of is answered alike."),
        ReadDecision.Denied => Problems.Of(StatusCodes.Status403Forbidden, ReadDecision.Denied, "The read rules deny this to the caller's role.", "GET /read-rules says who may read what for which."),
        ReadDecision.CountsOnly => Problems.Of(
            StatusCodes.Status403Forbidden, ReadDecision.CountsOnly, "The caller's role may know counts only.", "This is about one person, or can't be counted. GET /read-rules says who may read what for which."),
        _ => Problems.Of(
            StatusCodes.Status403Forbidden, ReadDecision.PurposeNotAllowed, "The caller's role does not read for this purpose.", "GET /read-rules says who may read what for which."),
    };
}

/// <summary>Goes by the read rules for staff; commits are the edge's.</summary>
internal sealed class StaffReadFilter(ShownToStaff shown, StaffCount? count, bool isItselfCounts) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (!StaffReads.IsStaff(http.User.Role)) return await next(context);
        var session = http.RequestServices.GetRequiredService<DocumentSession>();
        var reads = http.RequestServices.GetRequiredService<StaffReads>();
        var refs = http.RequestServices.GetRequiredService<SubjectRefs>();
        var read = http.RequestServices.GetRequiredService<StaffRead>();
        read.SubjectRef = StaffReads.SubjectOf(http, refs);
        var rules = await ReadRules.OfAsync(session, http.RequestAborted);
        var decision = rules.Decide(http.User.Role, http.User.ReaderOf(refs) is not null, http.Request.Query["purpose"], shown.Categories);
        if (decision.IsCountOnly && count is null && !isItselfCounts) decision = decision with { Refusal = ReadDecision.CountsOnly, Compliance = ReadCompliance.Violation };
        if (decision.Refusal is not null)
        {
            Record(read.SubjectRef is null ? shown.Categories : []);
            return new RecordedRefusal(StaffReads.ProblemOf(decision));
        }

        // Nothing of anybody.
        if (http.Request.Query["hints"] == "only") return TypedResults.Json(new HintsAnswer(await FieldHints.OfAsync(http, decision.Purpose!, decision.Categories)), Json.Options);
        var result = decision.IsCountOnly && count is not null ? await count(http.Request, session, http.RequestAborted) : await next(context);
        var answer = CommitFilter.Outcome(result);
        if (answer is IStatusCodeHttpResult { StatusCode: >= 400 }) return result;
        Record(shown.Categories);
        return await WithHintsAsync(http, decision, answer) ?? result;

        void Record(IEnumerable<string> categories) => reads.Record(http.User, decision, shown.Data!, categories, read.SubjectRef, 0, session);
    }

    /// <summary>The same answer with the hints among its members; null if it is none that can have them, a file for example: its header says where they are.</summary>
    private static async Task<IResult?> WithHintsAsync(HttpContext http, ReadDecision decision, object? answer)
    {
        if (answer is not (IValueHttpResult { Value: { } value } and IStatusCodeHttpResult { StatusCode: StatusCodes.Status200OK })
            || JsonSerializer.SerializeToNode(value, value.GetType(), Json.Options) is not JsonObject members)
        {
            // Relative to what was asked for, which may name somebody.
            http.Response.Headers.Append("Link", $"<{http.Request.QueryString.Add("hints", "only").ToUriComponent()}>; rel=\"describedby\"; type=\"application/json\"");
            return null;
        }

        members["hints"] = JsonSerializer.SerializeToNode(await FieldHints.OfAsync(http, decision.Purpose!, decision.Categories), Json.Options);
        return TypedResults.Json(members, Json.Options);
    }
}

/// <summary>Puts on record, as a violation, that staff asked for data of people at an endpoint that isn't for their role; the answer stays 403.</summary>
internal sealed class RoleRefusals(StaffReads reads, SubjectRefs refs) : IAuthorizationMiddlewareResultHandler
{
    private readonly AuthorizationMiddlewareResultHandler answer = new();

    public async Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        if (authorizeResult.Forbidden && context.User.FindFirst("role")?.Value is { } role && StaffReads.IsStaff(role)
            && context.GetEndpoint()?.Metadata.GetMetadata<ShownToStaff>() is { Data: { } data } shown)
        {
            var session = context.RequestServices.GetRequiredService<DocumentSession>();
            var decision = (await ReadRules.OfAsync(session, context.RequestAborted)).RefuseRole(context.Request.Query["purpose"]);
            var subject = StaffReads.SubjectOf(context, refs);
            reads.Record(context.User, decision, data, subject is null ? shown.Categories : [], subject, 0, session);
            await session.CommitAsync(context.RequestAborted);
        }

        await answer.HandleAsync(next, context, policy, authorizeResult);
    }
}
