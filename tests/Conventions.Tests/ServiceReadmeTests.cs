using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Xunit;

namespace Personalization.Conventions.Tests;

[Collection(RunningSystem.Collection)]
public sealed class ServiceReadmeTests(RunningSystem system)
{
    private const int MostLines = 40;

    // What a reader who has never seen the service asks first.
    private static readonly string[] Said = ["**Owns**", "**Publishes**", "**Reacts to**", "**When it is down**"];

    [Fact]
    public void A_service_says_on_one_page_what_it_owns_and_what_happens_without_it() =>
        Rule.Holds(Repository.Services, service => Unsaid(service, Repository.Read(ReadmeOf(service))));

    [Fact]
    public void A_page_that_is_too_long_or_silent_would_be_noticed() => Assert.Equal(
        ["Bad: 41 lines, 40 at most", "Bad: nothing under **Owns**", "Bad: nothing under **Reacts to**"],
        Unsaid("Bad", string.Concat(Enumerable.Repeat("\n", 40)) + "**Publishes** nothing. **When it is down** nothing.\n"));

    [Fact]
    public void A_service_names_each_endpoint_it_maps() => Rule.Holds(
        [.. system.Endpoints.Where(endpoint => RunningSystem.ServiceOf(endpoint) is not null && !EndpointTests.IsPassedOn(endpoint))],
        endpoint => Unnamed(endpoint, Repository.Read(ReadmeOf(RunningSystem.ServiceOf(endpoint)!))));

    [Fact]
    public async Task An_endpoint_that_is_not_named_would_be_noticed()
    {
        await using var app = WebApplication.CreateSlimBuilder().Build();
        app.MapPut("/purposes/{id:regex(^[a-z]+$)}", () => "").WithTags("Bad");

        var endpoint = Assert.Single(RunningSystem.EndpointsOf(app));
        Assert.Empty(Unnamed(endpoint, "| `PUT /purposes/{id}` | declare |"));
        Assert.Empty(Unnamed(endpoint, "| `PUT /purposes/{purpose}?dryRun=` | declare |"));
        Assert.Equal(["Bad: README.md does not name PUT /purposes/{id}"], Unnamed(endpoint, "`PUT /purposes/{id}/notices` `GET /purposes/{id}` `PUT /purposes`"));
    }

    private static string ReadmeOf(string service) => $"services/{service}/README.md";

    private static IEnumerable<string> Unsaid(string service, string readme)
    {
        var lines = readme.TrimEnd('\n').Split('\n').Length;
        if (lines > MostLines) yield return $"{service}: {lines} lines, {MostLines} at most";
        foreach (var heading in Said.Where(heading => !readme.Contains(heading, StringComparison.Ordinal))) yield return $"{service}: nothing under {heading}";
    }

    private static IEnumerable<string> Unnamed(RouteEndpoint endpoint, string readme) =>
        from request in EndpointTests.Requests(endpoint)
        let path = string.Join(@"\{\w+\}", Regex.Split(request.Path, @"\{\w+\}").Select(Regex.Escape))
        where !Regex.IsMatch(readme, $"`{request.Method} {path}[?` ]")
        select $"{RunningSystem.ServiceOf(endpoint)}: README.md does not name {request.Method} {request.Path}";
}
