using Microsoft.AspNetCore.Mvc;
using Personalization.Platform.Http;
using Personalization.Platform.Security;

namespace Personalization.Portal.Features;

/// <summary>
/// Signs in as anybody, with a token of the local issuer: on a developer's machine, where its key lies beside the data and services accept it.
/// The path is there in Development only, in the one-process server only, and for the machine itself only.
/// </summary>
internal static class EnterDemo
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);
    private static readonly string[] StaffRoles = [Roles.Officer, Roles.Operator, Roles.Marketer, Roles.Auditor];

    public static void Map(IEndpointRouteBuilder routes)
    {
        if (IsOpen(routes.ServiceProvider)) routes.Pages().MapPost("/enter", Handle).DisableAntiforgery();
    }

    /// <summary>Whether this is a developer's machine.</summary>
    internal static bool IsOpen(IServiceProvider services) =>
        services.GetRequiredService<IWebHostEnvironment>().IsDevelopment() && Directory.Exists(KeysOf(services.GetRequiredService<IConfiguration>()));

    private static IResult Handle([FromForm] string role, [FromForm] string? customer, HttpContext context, IConfiguration configuration, TimeProvider time)
    {
        // A name that somebody else's server resolves to this machine is not this machine's.
        if (!Session.IsLoopback(context.Request.Host)) return TypedResults.StatusCode(StatusCodes.Status403Forbidden);
        var isPerson = role == Roles.Subject && !string.IsNullOrWhiteSpace(customer);
        if (!isPerson && !StaffRoles.Contains(role)) return Page.SeeOther("/");

        using var issuer = new MessageSigner(Tokens.LocalIssuerKey, KeysOf(configuration), time);
        var claims = new Dictionary<string, object> { ["sub"] = isPerson ? customer!.Trim() : role, ["role"] = role, ["region"] = configuration["Subjects:Region"]! };
        if (isPerson) claims["customer_id"] = customer!.Trim();
        Session.Begin(context, issuer.Token(Tokens.LocalIssuer, time.GetUtcNow(), Lifetime, claims));
        return Page.SeeOther("/home");
    }

    private static string KeysOf(IConfiguration configuration) =>
        Path.Combine(Path.GetFullPath(configuration["Keys:Directory"] ?? Path.Combine(configuration["Data:Directory"]!, "keys")), Tokens.LocalIssuerKey);
}
