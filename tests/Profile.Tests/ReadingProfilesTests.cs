using System.Net;
using Personalization.Platform.Http;
using Xunit;

namespace Personalization.Profile.Tests;

public sealed class ReadingProfilesTests(ProfileApp app) : IClassFixture<ProfileApp>
{
    [Fact]
    public async Task A_long_profile_is_read_page_by_page_and_nothing_twice()
    {
        await app.GrantAsync("anna", "recommendations", "viewing");
        await app.GrantAsync("anna-2", "recommendations", "viewing");
        await app.PublishAsync(Enumerable.Range(0, 450).Select(i => app.Event("anna", new { filmId = $"f{i}" })));
        await app.PublishAsync(app.Event("anna-2", new { filmId = "other" }));

        var films = new List<string>();
        string? next = null;
        do
        {
            var page = await app.GetAsync($"/profiles/anna{(next is null ? "" : $"?after={next}")}", Roles.Officer);
            films.AddRange(page["items"]!.AsArray().Select(item => item!["fields"]![0]!["value"]!.GetValue<string>()));
            next = page["next"]?.GetValue<string>();
        }
        while (next is not null);

        Assert.Equal(Enumerable.Range(0, 450).Select(i => $"f{i}").Order(), films.Order());
    }

    [Theory]
    [InlineData(Roles.Officer, null, HttpStatusCode.OK)]
    [InlineData(Roles.Operator, null, HttpStatusCode.OK)]
    [InlineData(Roles.Subject, "boris", HttpStatusCode.OK)]
    [InlineData(Roles.Subject, "boris-2", HttpStatusCode.Forbidden)]
    [InlineData(Roles.Subject, null, HttpStatusCode.Forbidden)]
    [InlineData(Roles.Product, null, HttpStatusCode.Forbidden)]
    [InlineData(Roles.Marketer, null, HttpStatusCode.Forbidden)]
    [InlineData(Roles.Auditor, null, HttpStatusCode.Forbidden)]
    public async Task A_profile_is_for_the_person_and_those_who_answer_for_it(string role, string? customer, HttpStatusCode expected)
    {
        Assert.Equal(expected, await app.StatusAsync("/profiles/boris", role, customer));
    }

    [Fact]
    public async Task Unknown_and_erased_persons_are_answered_alike_and_no_id_but_an_opaque_one_is_taken()
    {
        await app.GrantAsync("vera", "recommendations", "viewing");
        await app.PublishAsync(app.Event("vera", new { filmId = "f1" }));
        await app.EraseAsync(await app.RevokeAsync("vera"));

        var unknown = await app.GetAsync("/profiles/nobody-ever");
        var malformed = await app.SendAsync(HttpMethod.Get, "/profiles/vera%40example.org", null, Roles.Officer);

        Assert.Equal(unknown.ToJsonString(), (await app.GetAsync("/profiles/vera")).ToJsonString());
        Assert.Equal("bad-customer-id", malformed.Problem);
    }
}
