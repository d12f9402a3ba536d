using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Primitives;
using Personalization.Platform.Privacy;

namespace Personalization.Platform.Http;

/// <summary>Roles of callers, the token's <c>role</c> claim.</summary>
public static class Roles
{
    /// <summary>A product service: publishes events, passes decisions on, asks for recommendations.</summary>
    public const string Product = "product";

    /// <summary>Runs the system.</summary>
    public const string Operator = "operator";

    /// <summary>Data protection officer.</summary>
    public const string Officer = "officer";

    /// <summary>Sees segments and counts, never a person.</summary>
    public const string Marketer = "marketer";

    /// <summary>Reads the audit log.</summary>
    public const string Auditor = "auditor";

    /// <summary>A person: their own data only, named by the token's <c>customer_id</c>.</summary>
    public const string Subject = "subject";

    /// <summary>Another service of this deployment, with a token it signed itself.</summary>
    public const string Service = "service";
}

/// <summary>Who may call an endpoint. An endpoint that says nothing is closed to everyone.</summary>
public static class AccessExtensions
{
    /// <summary>Callers of one of these roles. <see cref="Roles.Subject"/> only where the route's <c>customerId</c> is the token's own.</summary>
    public static TBuilder AllowRoles<TBuilder>(this TBuilder endpoint, params string[] roles)
        where TBuilder : IEndpointConventionBuilder =>
        endpoint.RequireAuthorization(new AuthorizationPolicyBuilder().AddRequirements(new CallerRequirement(roles)).Build());

    /// <summary>Callers of one of these roles, and every <see cref="Roles.Subject"/>: for what is about nobody, and for what names the person
    /// elsewhere than in its route: the handler compares then (<see cref="CallerExtensions.IsSomebodyElse"/>).</summary>
    public static TBuilder AllowRolesAndAnyPerson<TBuilder>(this TBuilder endpoint, params string[] roles)
        where TBuilder : IEndpointConventionBuilder =>
        endpoint.RequireAuthorization(new AuthorizationPolicyBuilder().AddRequirements(new CallerRequirement(roles, AnyPerson: true)).Build());
}

/// <summary>Lets pages be asked for by a browser, which keeps a token in a cookie.</summary>
public static class CookieTokenExtensions
{
    /// <summary>
    /// The endpoint takes its token from this cookie, and from nowhere else. Only for pages, which check by themselves where a form was sent from: any site can
    /// make a browser send a cookie, so no other endpoint takes one.
    /// </summary>
    public static TBuilder TakesTokenFromCookie<TBuilder>(this TBuilder endpoint, string cookie)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new CookieToken(cookie));

    internal static void UseCookieTokens(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<CookieToken>() is { } token)
            context.Request.Headers.Authorization = context.Request.Cookies[token.Cookie] is { Length: > 0 } value ? $"Bearer {value}" : default(StringValues);
        return next(context);
    });

    private sealed record CookieToken(string Cookie);
}

/// <summary>Who calls.</summary>
public static class CallerExtensions
{
    extension(ClaimsPrincipal caller)
    {
        /// <summary>The role; every endpoint that asks for one has let only such callers in.</summary>
        public string Role => caller.FindFirstValue("role")!;

        /// <summary>Whether the caller is a person, and another than this one.</summary>
        public bool IsSomebodyElse(string customerId) => caller.Role == Roles.Subject && caller.FindFirstValue("customer_id") != customerId;

        /// <summary>The same, where only the pseudonym is known.</summary>
        public bool IsSomebodyElse(string subjectRef, SubjectRefs refs) =>
            caller.Role == Roles.Subject && (caller.FindFirstValue("customer_id") is not { } own || refs.Of(own) != subjectRef);

        /// <summary>A keyed hash of who reads, so that the log that holds it names no colleague to those who read it; null if the token names nobody.</summary>
        public string? ReaderOf(SubjectRefs refs) =>
            caller.FindFirstValue("sub") is { Length: > 0 } sub ? refs.Blind("reader", caller.FindFirstValue("iss") ?? "", sub) : null;
    }
}

/// <summary>One of the roles, and a subject only for themselves unless it is about nobody.</summary>
internal sealed record CallerRequirement(IReadOnlyCollection<string> AllowedRoles, bool AnyPerson = false) : IAuthorizationRequirement;

internal sealed class CallerHandler : AuthorizationHandler<CallerRequirement>
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, CallerRequirement requirement)
    {
        var role = context.User.FindFirst("role")?.Value;
        if (role == Roles.Subject && requirement.AnyPerson) context.Succeed(requirement);
        if (role is null || !requirement.AllowedRoles.Contains(role)) return Task.CompletedTask;
        if (role == Roles.Subject)
        {
            var own = context.User.FindFirst("customer_id")?.Value;
            var asked = (context.Resource as HttpContext)?.GetRouteValue("customerId") as string;
            if (own is null || own != asked) return Task.CompletedTask;
        }

        context.Succeed(requirement);
        return Task.CompletedTask;
    }
}
