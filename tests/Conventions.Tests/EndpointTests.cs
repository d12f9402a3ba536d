using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Personalization.Platform.Http;
using Xunit;
using Yarp.ReverseProxy.Model;

namespace Personalization.Conventions.Tests;

[Collection(RunningSystem.Collection)]
public sealed partial class EndpointTests(RunningSystem system)
{
    private static readonly string[] KnownRoles = [.. typeof(Roles).GetFields().Select(field => (string)field.GetValue(null)!)];

    // Kinds of data that people declare while a service runs: their collections are known, they aren't yet.
    private static readonly Dictionary<string, string> DeclaredWhileRunning = new() { ["segment_members"] = "segment-membership", ["subject_histories"] = "signal" };

    // The HTTP surface of the design that clients rely on, as far as it is built: a path that is here can't be lost by renaming a feature.
    private static readonly string[] Surface =
    [
        "DELETE /consents/{customerId}",
        "DELETE /consents/{customerId}/{purpose}",
        "GET /.well-known/gpc.json",
        "GET /audiences/{segment}",
        "GET /audit/checkpoint",
        "GET /audit/entries",
        "GET /consents/{customerId}",
        "GET /consents/{customerId}/history",
        "GET /erasures",
        "GET /erasures/{caseId}",
        "GET /event-types",
        "GET /groups",
        "GET /profiles/{customerId}",
        "GET /purposes",
        "GET /recommendations/model",
        "GET /recommendations/{customerId}",
        "GET /retention-rules",
        "GET /segments",
        "GET /segments/{id}",
        "GET /traits",
        "GET /withdrawals",
        "POST /erasures",
        "POST /events",
        "POST /items",
        "POST /unsubscribe/{token}",
        "PUT /consents/{customerId}/{purpose}",
        "PUT /event-types/{type}",
        "PUT /items/{id}",
        "PUT /purposes/{id}",
        "PUT /retention-rules",
        "PUT /segments/{id}",
    ];

    [Fact]
    public void Every_endpoint_says_who_may_call_it() => Rule.Holds(system.Endpoints, Undecided);

    [Fact]
    public async Task An_endpoint_that_says_nothing_or_something_wrong_would_be_noticed()
    {
        await using var app = WebApplication.CreateSlimBuilder().Build();
        app.MapGet("/silent", () => "");
        app.MapGet("/anyone", () => "").RequireAuthorization();
        app.MapGet("/misspelt", () => "").AllowRoles("operater");
        app.MapGet("/own", () => "").AllowRoles(Roles.Subject);
        app.MapGet("/good/{customerId}", () => "").AllowRoles(Roles.Subject);
        app.MapGet("/persons", () => "").AllowRolesAndAnyPerson();
        app.MapGet("/open", () => "").AllowAnonymous();

        Assert.Equal(
            [
                "GET /silent: neither AllowRoles nor AllowAnonymous",
                "GET /anyone: neither AllowRoles nor AllowAnonymous",
                "GET /misspelt: no role is called operater",
                "GET /own: for a subject, but the route has no {customerId} to compare with the token",
            ],
            RunningSystem.EndpointsOf(app).SelectMany(Undecided));
    }

    [Fact]
    public void Every_endpoint_for_staff_says_what_it_shows_of_people() => Rule.Holds(system.Endpoints, endpoint => Unsaid(endpoint, PersonalReads()));

    [Fact]
    public async Task An_endpoint_that_shows_staff_what_it_does_not_say_would_be_noticed()
    {
        await using var app = WebApplication.CreateSlimBuilder().Build();
        app.MapGet("/silent", () => "").AllowRoles(Roles.Officer);
        app.MapGet("/hidden", () => "").AllowRoles(Roles.Operator).ShowsNobody();
        app.MapGet("/unmapped", () => "").AllowRoles(Roles.Auditor).ShowsStaff("letters", ["letters"]);
        app.MapGet("/mistaken", () => "").AllowRoles(Roles.Auditor).ShowsStaff("letters", ["letters"]);
        app.MapGet("/good", () => "").AllowRoles(Roles.Auditor).ShowsStaff("letters", ["letters"]);
        app.MapGet("/programs", () => "").AllowRoles(Roles.Product);

        Assert.Equal(
            [
                "GET /silent: neither ShowsStaff nor ShowsNobody, and staff may call it",
                "GET /hidden: shows nobody, but the data map says that letters is read by it",
                "GET /unmapped: shows letters, but the data map knows nothing that is read by it",
                "GET /mistaken: shows letters, but of what is read by it the data map knows only stamps",
            ],
            RunningSystem.EndpointsOf(app).SelectMany(endpoint => Unsaid(
                endpoint, new[] { ("GET /hidden", "letters"), ("GET /mistaken", "stamps"), ("GET /good", "letters"), ("GET /silent", "letters") }.ToLookup(read => read.Item1, read => read.Item2))));
    }

    [Fact]
    public async Task Every_endpoint_is_described_with_a_summary_and_an_id_of_its_own()
    {
        var document = await ReadOpenApiAsync();

        Rule.Holds(system.Endpoints, endpoint => Undescribed(endpoint, document));
        Rule.Holds([.. SharedIds(document)]);
    }

    [Fact]
    public async Task An_endpoint_that_is_not_described_would_be_noticed()
    {
        await using var app = WebApplication.CreateSlimBuilder().Build();
        app.MapGet("/missing", () => "").WithTags("Bad");
        app.MapGet("/bare", () => "").WithTags("Bad");
        app.MapGet("/hidden", () => "").WithTags("Bad").AllowRoles(Roles.Product).ExcludeFromDescription();
        app.MapGet("/internal/hidden", () => "").WithTags("Bad").AllowRoles(Roles.Service).ExcludeFromDescription();
        var document = JsonNode.Parse("""{"paths":{"/bare":{"get":{}},"/a":{"get":{"operationId":"Same"}},"/b":{"get":{"operationId":"Same"}}}}""")!;

        Assert.Equal(
            [
                "GET /missing: not in /openapi/v1.json",
                "GET /bare: no summary in /openapi/v1.json",
                "GET /bare: no operationId in /openapi/v1.json",
                "GET /hidden: hidden from /openapi/v1.json though others than services may call it",
            ],
            RunningSystem.EndpointsOf(app).SelectMany(endpoint => Undescribed(endpoint, document)));
        Assert.Equal(["operationId Same names 2 operations"], SharedIds(document));
    }

    [Fact]
    public async Task What_the_design_promises_and_is_built_is_there() => Rule.Holds([.. Missing(await ReadOpenApiAsync())]);

    [Fact]
    public void A_lost_path_would_be_noticed() =>
        Assert.Contains("GET /purposes is gone", Missing(JsonNode.Parse("""{"paths":{"/purposes":{"post":{}}}}""")!));

    [Fact]
    public void Every_path_of_a_service_can_be_reached_through_the_gateway() => Rule.Holds(
        [.. system.Endpoints.Where(endpoint => !IsPassedOn(endpoint) && RunningSystem.ServiceOf(endpoint) is not (null or "Portal"))],
        endpoint => Unreachable(endpoint, system.Endpoints));

    [Fact]
    public async Task A_path_that_the_gateway_does_not_know_would_be_noticed()
    {
        await using var app = WebApplication.CreateSlimBuilder().Build();
        app.MapGet("/purposes/{id}/history", () => "").WithTags("Consent");
        app.MapGet("/purposes-of-others", () => "").WithTags("Consent");
        app.MapGet("/internal/purposes", () => "").WithTags("Consent");

        Assert.Equal(
            ["GET /purposes-of-others: the gateway passes nothing on to Consent"],
            RunningSystem.EndpointsOf(app).SelectMany(endpoint => Unreachable(endpoint, system.Endpoints)));
    }

    /// <summary>Whether the gateway passes requests on to a service that maps the path itself.</summary>
    internal static bool IsPassedOn(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<RouteModel>() is not null;

    /// <summary>What a caller writes: method and path, without constraints.</summary>
    internal static IEnumerable<(string Method, string Path)> Requests(RouteEndpoint endpoint)
    {
        var path = Constraint().Replace("/" + endpoint.RoutePattern.RawText!.TrimStart('/'), "{$1}");
        return (endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["ANY"]).Select(method => (method, path));
    }

    private static string Name(RouteEndpoint endpoint) => string.Join(", ", Requests(endpoint).Select(request => $"{request.Method} {request.Path}"));

    private static IEnumerable<string> Undecided(RouteEndpoint endpoint)
    {
        if (endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null) yield break;
        var roles = RolesOf(endpoint);
        if (roles.Length == 0 && !RequirementsOf(endpoint).Any(requirement => requirement.AnyPerson)) yield return $"{Name(endpoint)}: neither AllowRoles nor AllowAnonymous";
        foreach (var role in roles.Except(KnownRoles)) yield return $"{Name(endpoint)}: no role is called {role}";
        if (roles.Contains(Roles.Subject) && endpoint.RoutePattern.GetParameter("customerId") is null)
            yield return $"{Name(endpoint)}: for a subject, but the route has no {{customerId}} to compare with the token";
    }

    private static ILookup<string, string> PersonalReads() =>
    (
        from service in Services.All
        from document in service.Built.Documents.All
        where document.Contents.Data.Count > 0
        from way in document.Contents.ReadBy ?? []
        from category in document.Contents.Data.Select(data => data.Category).Concat(DeclaredWhileRunning.GetValueOrDefault(document.Collection) is { } declared ? [declared] : [])
        select (way, category)).ToLookup(read => read.way, read => read.category);

    private static IEnumerable<string> Unsaid(RouteEndpoint endpoint, ILookup<string, string> reads)
    {
        if (!RolesOf(endpoint).Any(StaffReads.IsStaff) || IsPassedOn(endpoint)) yield break;
        var shown = endpoint.Metadata.GetMetadata<ShownToStaff>();
        if (shown is null)
        {
            yield return $"{Name(endpoint)}: neither ShowsStaff nor ShowsNobody, and staff may call it";
            yield break;
        }

        // A writing answers what was written, so the map needn't name it.
        if (!endpoint.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods.Contains("GET")) yield break;
        string[] known = [.. reads[$"GET {endpoint.RoutePattern.RawText}"].Distinct().Order(StringComparer.Ordinal)];
        if (shown.Data is null && known.Length > 0) yield return $"{Name(endpoint)}: shows nobody, but the data map says that {string.Join(", ", known)} is read by it";
        if (shown.Data is not null && known.Length == 0) yield return $"{Name(endpoint)}: shows {shown.Data}, but the data map knows nothing that is read by it";
        var unknown = known.Length == 0 ? [] : shown.Categories.Except(known).ToArray();
        if (unknown.Length > 0) yield return $"{Name(endpoint)}: shows {string.Join(", ", unknown)}, but of what is read by it the data map knows only {string.Join(", ", known)}";
    }

    private static string[] RolesOf(RouteEndpoint endpoint) => [.. RequirementsOf(endpoint).SelectMany(requirement => requirement.AllowedRoles)];

    private static IEnumerable<CallerRequirement> RequirementsOf(RouteEndpoint endpoint) =>
        endpoint.Metadata.OfType<AuthorizationPolicy>().SelectMany(policy => policy.Requirements).OfType<CallerRequirement>();

    private static IEnumerable<string> Undescribed(RouteEndpoint endpoint, JsonNode document)
    {
        // Health and the document itself are the platform's; what the gateway passes on is described by whom it is passed to.
        if (RunningSystem.ServiceOf(endpoint) is not { } service || IsPassedOn(endpoint)) yield break;
        foreach (var (method, path) in Requests(endpoint))
        {
            var name = $"{method} {path}";
            var operation = document["paths"]?[path]?[method.ToLowerInvariant()];
            if (endpoint.Metadata.OfType<IExcludeFromDescriptionMetadata>().Any(metadata => metadata.ExcludeFromDescription))
            {
                // Pages are for people, not for programs.
                if (service != "Portal" && RolesOf(endpoint) is not [Roles.Service])
                    yield return $"{name}: hidden from /openapi/v1.json though others than services may call it";
            }
            else if (operation is null)
            {
                yield return $"{name}: not in /openapi/v1.json";
            }
            else
            {
                if (string.IsNullOrWhiteSpace((string?)operation["summary"])) yield return $"{name}: no summary in /openapi/v1.json";
                if (string.IsNullOrWhiteSpace((string?)operation["operationId"])) yield return $"{name}: no operationId in /openapi/v1.json";
            }
        }
    }

    private static IEnumerable<string> Unreachable(RouteEndpoint endpoint, IEnumerable<RouteEndpoint> all)
    {
        var path = Requests(endpoint).First().Path;
        if (path.StartsWith("/internal/", StringComparison.Ordinal)) yield break;
        var service = RunningSystem.ServiceOf(endpoint)!;
        var passes = all.Select(other => other.Metadata.GetMetadata<RouteModel>()).OfType<RouteModel>()
            .Where(route => route.Config.ClusterId!.Equals(service, StringComparison.OrdinalIgnoreCase))
            .Select(route => route.Config.Match.Path!)
            .Any(match => path == match || (path + "/").StartsWith(match.Replace("{**rest}", "", StringComparison.Ordinal), StringComparison.Ordinal));
        if (!passes) yield return $"{Name(endpoint)}: the gateway passes nothing on to {service}";
    }

    private static IEnumerable<string> SharedIds(JsonNode document) => document["paths"]!.AsObject()
        .SelectMany(path => path.Value!.AsObject()).Select(operation => (string?)operation.Value?["operationId"]).OfType<string>()
        .CountBy(id => id).Where(id => id.Value > 1).Select(id => $"operationId {id.Key} names {id.Value} operations");

    private static IEnumerable<string> Missing(JsonNode document) => Surface
        .Where(request => request.Split(' ') is var parts && document["paths"]?[parts[1]]?[parts[0].ToLowerInvariant()] is null).Select(request => $"{request} is gone");

    private async Task<JsonNode> ReadOpenApiAsync()
    {
        using var http = new HttpClient { BaseAddress = system.Address };
        return JsonNode.Parse(await http.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative)))!;
    }

    [GeneratedRegex(@"\{\*{0,2}(\w+)[^}]*\}")]
    private static partial Regex Constraint();
}
