using System.Net;
using Microsoft.IdentityModel.JsonWebTokens;
using Personalization.Platform.Http;

namespace Personalization.Portal;

/// <summary>Who has signed in: the token that the services are asked with, and in which language. The browser keeps it where scripts can't read it, until it ends.</summary>
public sealed record Session(string Token, string Role, string? CustomerId, string Language)
{
    internal const string Cookie = "personalization-session";

    /// <summary>Whether these are a person's own pages.</summary>
    public bool IsPerson => Role == Roles.Subject && CustomerId is not null;

    /// <summary>Where somebody of this role begins.</summary>
    public string Home => IsPerson ? "/me" : "/staff";

    /// <summary>Who has signed in; null: nobody, or the token is over.</summary>
    internal static Session? Of(HttpContext context) =>
        context.User.Identity?.IsAuthenticated == true && context.Request.Cookies[Cookie] is { } token && context.User.FindFirst("role")?.Value is { } role
            ? new Session(token, role, context.User.FindFirst("customer_id")?.Value, Visitor.LanguageOf(context.Request))
            : null;

    /// <summary>Keeps a token. Whether it is good, every later request finds out; false: it isn't even one.</summary>
    internal static bool Begin(HttpContext context, string token)
    {
        if (!TryRead(token, out var read)) return false;
        context.Response.Cookies.Append(Cookie, token, Attributes(context, read.ValidTo));
        ServedNotices.Forget(context);
        return true;
    }

    internal static void End(HttpContext context)
    {
        context.Response.Cookies.Delete(Cookie, Attributes(context, DateTimeOffset.UnixEpoch));
        ServedNotices.Forget(context);
    }

    /// <summary>Whether the browser talks to its own machine: the only place without TLS.</summary>
    internal static bool IsLoopback(HostString host) => host.Host is "localhost" || (IPAddress.TryParse(host.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static bool TryRead(string token, out JsonWebToken read)
    {
        read = null!;
        try
        {
            read = new JsonWebToken(token);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    // Lax: a strict cookie would not be sent after the redirect from a link in a letter. That a form comes from a page of ours is checked with each.
    private static CookieOptions Attributes(HttpContext context, DateTimeOffset end) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Lax,
        Secure = !IsLoopback(context.Request.Host),
        Expires = end,
        Path = "/",
    };
}
