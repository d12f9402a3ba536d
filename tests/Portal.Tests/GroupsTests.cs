using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Microsoft.Playwright;
using Personalization.Platform.Http;
using Personalization.Testing;
using Xunit;

namespace Personalization.Portal.Tests;

[Collection(Browsing.Collection)]
public sealed class GroupsTests(Browsing browsing)
{
    private const string Purpose = "recommendations";

    [BrowserFact]
    public async Task Two_habits_are_drawn_as_two_groups_that_name_nobody()
    {
        await using var server = await RunningServer.StartAsync(settings: new Dictionary<string, string?> { ["Profile:SuppressBelow"] = "5" });
        await server.DeclareAsync();
        string[] often = [.. Enumerable.Range(0, 26).Select(number => $"often-{number.ToString(CultureInfo.InvariantCulture)}")];
        string[] seldom = [.. Enumerable.Range(0, 14).Select(number => $"seldom-{number.ToString(CultureInfo.InvariantCulture)}")];
        foreach (var customer in often.Concat(seldom)) await server.GrantAsync(customer, Purpose);
        var at = TimeProvider.System.GetUtcNow();
        foreach (var customer in often) await RateAsync(server, customer, at, 5, "1", "2", "3", "4", "5", "6");
        foreach (var customer in seldom) await RateAsync(server, customer, at, 2, "1");

        // Groups are looked for where there is a segment: not before everybody is there.
        using var operating = server.As(Roles.Operator);
        using var declared = await operating.PutAsJsonAsync(new Uri("/segments/rated-something", UriKind.Relative), new
        {
            title = "Have rated something",
            purpose = Purpose,
            channels = new[] { "push" },
            rule = new { measure = new { @event = "film.rated", of = "count" }, @is = ">=", value = 1 },
        });
        Assert.True(declared.IsSuccessStatusCode, await declared.Content.ReadAsStringAsync());
        await Eventually.Is("groups are learnt", () => server.PageAsync("/staff/groups", Roles.Marketer), page => page.Contains("group B", StringComparison.Ordinal), 3 * RunningServer.Soon);

        foreach (var (language, title, drawn, larger, smaller, more, less) in new[]
        {
            ("ru", "Группы: Рекомендации для вас", "группа A: 26; группа B: 14", "группа A: 26 человек", "группа B: 14 человек", "частота: больше обычного на 0,7 σ", "частота: меньше обычного на 1,4 σ"),
            ("en", "Groups: Recommendations for you", "group A: 26; group B: 14", "group A: 26 people", "group B: 14 people", "frequency: more than usual by 0.7 σ", "frequency: less than usual by 1.4 σ"),
        })
        {
            await using var visit = await browsing.OpenAsync(language, Roles.Marketer, server: server);
            await visit.Page.Locator(".tile a[href='/staff/groups']").ClickAsync();
            var groups = visit.Page.GetByRole(AriaRole.Region, new() { Name = title });
            await Assertions.Expect(groups.GetByRole(AriaRole.Img)).ToHaveAccessibleNameAsync(drawn);
            await Assertions.Expect(groups.Locator("circle")).ToHaveCountAsync(2);
            foreach (var (name, difference) in new[] { (larger, more), (smaller, less) })
                await Assertions.Expect(groups.GetByRole(AriaRole.Listitem).Filter(new() { HasText = name })).ToContainTextAsync(difference);

            // As large to each other as the groups.
            var radii = await groups.Locator("circle").EvaluateAllAsync<double[]>("circles => circles.map(circle => Number(circle.getAttribute('r')))");
            Assert.Equal(26.0 / 14, radii[0] * radii[0] / (radii[1] * radii[1]), .05);
            var page = await visit.Page.ContentAsync();
            Assert.DoesNotContain("often-", page, StringComparison.Ordinal);
            Assert.DoesNotContain("seldom-", page, StringComparison.Ordinal);
            await visit.LookAsync("staff-groups-drawn");
        }
    }

    private static async Task RateAsync(RunningServer server, string customer, DateTimeOffset at, double rating, params string[] films)
    {
        using var product = server.As(Roles.Product);
        using var content = JsonContent.Create(films.Select(film => new
        {
            specversion = "1.0",
            id = $"{customer}-{film}",
            source = "/cinema",
            type = "film.rated",
            subject = customer,
            time = at,
            data = new { filmId = film, rating },
        }), new MediaTypeHeaderValue("application/cloudevents-batch+json"));
        using var answer = await product.PostAsync(new Uri("/events", UriKind.Relative), content);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }
}
