using System.Net;
using System.Text.Json.Nodes;
using Personalization.Contracts.Consent;
using Personalization.Platform.Http;
using Personalization.Testing;
using Xunit;

namespace Personalization.Consent.Tests;

public sealed class DeclaringPurposesTests(ConsentApp app) : IClassFixture<ConsentApp>
{
    [Fact]
    public async Task The_same_declaration_again_changes_nothing()
    {
        var (_, first) = await app.DeclareAsync("same");

        var (status, again) = await app.DeclareAsync("same");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(first.ToJsonString(), again.ToJsonString());
    }

    [Fact]
    public async Task A_new_text_is_a_new_version_and_the_old_one_can_still_be_read()
    {
        await app.DeclareAsync("versions", text: "First words.");

        var (_, second) = await app.DeclareAsync("versions", text: "Second words.");
        var (_, old) = await app.SendAsync(Roles.Subject, HttpMethod.Get, "/purposes/versions/versions/1");

        Assert.Equal(2, (int)second["noticeVersion"]!);
        Assert.Contains("First words.", old["purpose"]!["notices"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"isConditionOfService\":true}", "isConditionOfService")]
    [InlineData("{\"isConditionOfService\":true,\"lawfulBasis\":\"contract\",\"reward\":{\"id\":\"r\",\"kind\":\"extraService\",\"titles\":{\"en\":\"More\"}}}", "reward")]
    [InlineData("{\"lawfulBasis\":\"because\"}", "lawfulBasis")]
    [InlineData("{\"sensitiveCategories\":[\"health\"]}", "sensitiveCategories")]
    [InlineData("{\"storageLocations\":[\"Russia\"]}", "storageLocations")]
    [InlineData("{\"renewWithinDays\":10}", "renewWithinDays")]
    [InlineData("{\"validDays\":0}", "validDays")]
    [InlineData("{\"categories\":[]}", "categories")]
    [InlineData("{\"notices\":[]}", "notices")]
    [InlineData("{\"categoryNames\":{\"location\":{\"en\":\"where you are\"}}}", "categoryNames")]
    [InlineData("{\"categoryNames\":{\"viewing\":{\"english\":\"what you watch\"}}}", "categoryNames")]
    [InlineData("{\"categoryNames\":{\"viewing\":{\"en\":null}}}", "categoryNames")]
    [InlineData("{\"categoryNames\":{\"viewing\":null}}", "categoryNames")]
    public async Task What_can_not_be_declared_is_refused_with_the_member_it_is_about(string more, string member)
    {
        var (status, problem) = await app.DeclareAsync("refused", JsonNode.Parse(more));

        Assert.Equal((HttpStatusCode.BadRequest, "bad-declaration"), (status, ConsentApp.Slug(problem)));
        Assert.StartsWith(member, (string)problem["detail"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_purpose_has_one_type_and_a_list_of_types_is_malformed()
    {
        var (status, _) = await app.DeclareAsync("bundle", new { type = new[] { "marketing", "sharing" } });

        Assert.Equal(HttpStatusCode.BadRequest, status);
    }

    [Fact]
    public async Task Another_name_of_a_category_tells_people_something_else()
    {
        await app.DeclareAsync("named", new { categoryNames = new { viewing = new { en = "what you watch", ru = "что вы смотрите" } } });

        var (_, same) = await app.DeclareAsync("named", new { categoryNames = new { viewing = new { ru = "что вы смотрите", en = "what you watch" } } });
        var (_, other) = await app.DeclareAsync("named", new { categoryNames = new { viewing = new { ru = "что вы смотрите", en = "what you watched" } } });

        Assert.Equal((1, 2), ((int)same["noticeVersion"]!, (int)other["noticeVersion"]!));
        Assert.Equal("what you watched", (string?)other["categoryNames"]!["viewing"]!["en"]);
    }

    [Fact]
    public async Task Two_purposes_do_not_share_a_text()
    {
        await app.DeclareAsync("one");

        var (status, problem) = await app.DeclareAsync("two", new { notices = new[] { new { language = "en", title = "What you watch", text = "one: We use what you watch." } } });

        Assert.Equal((HttpStatusCode.BadRequest, "bad-declaration"), (status, ConsentApp.Slug(problem)));
    }

    [Fact]
    public async Task More_data_or_more_hands_are_never_only_better_words()
    {
        await app.DeclareAsync("wider");

        var (categories, _) = await app.DeclareAsync("wider", new { materialChange = false, categories = new[] { "viewing", "opinion", "location" } });
        var (recipients, _) = await app.DeclareAsync("wider", new { materialChange = false, recipients = new[] { "somebody" } });
        var (words, body) = await app.DeclareAsync("wider", new { materialChange = false }, text: "We use what you watch!");

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest, HttpStatusCode.OK), (categories, recipients, words));
        Assert.Equal((2, 1), ((int)body["noticeVersion"]!, (int)body["materialVersion"]!));
    }

    [Fact]
    public async Task A_material_change_asks_again_who_agreed_and_leaves_the_rest_alone()
    {
        await app.DeclareAsync("renewed");
        await app.GrantAsync("asked-again", "renewed");
        await app.DenyAsync("refused-before", "renewed");

        await app.DeclareAsync("renewed", text: "We use what you watch, and more.");
        var needed = await Eventually.Is(
            "the renewal was published", () => Task.FromResult(app.Around.Renewals.Where(renewal => renewal.Purpose == "renewed").ToArray()), found => found.Length > 0, ConsentApp.Soon);
        var before = await app.PurposeAsync("asked-again", "renewed");
        var (status, _) = await app.GrantAsync("asked-again", "renewed", noticeVersion: 2);
        var after = await app.PurposeAsync("asked-again", "renewed");

        var renewal = Assert.Single(needed);
        Assert.Equal((app.RefOf("asked-again"), 1, 2, null), (renewal.SubjectRef, renewal.DecidedNoticeVersion, renewal.NoticeVersion, renewal.RenewBy));
        Assert.True((bool)before["needsRenewal"]!);
        Assert.Equal("granted", (string?)before["categories"]![0]!["decision"]);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.False((bool)after["needsRenewal"]!);
    }

    [Fact]
    public async Task Better_words_ask_nobody_again()
    {
        await app.DeclareAsync("reworded");
        await app.GrantAsync("left-alone", "reworded");

        await app.DeclareAsync("reworded", new { materialChange = false }, text: "We use what you have watched.");

        Assert.False((bool)(await app.PurposeAsync("left-alone", "reworded"))["needsRenewal"]!);
    }

    [Fact]
    public async Task Where_the_purpose_says_so_an_old_agreement_lapses_with_the_cascade()
    {
        await app.DeclareAsync("lapsing", new { onMaterialChange = "lapse", renewWithinDays = 14 });
        await app.GrantAsync("late", "lapsing");
        await app.GrantAsync("in-time", "lapsing");

        await app.DeclareAsync("lapsing", new { onMaterialChange = "lapse", renewWithinDays = 14 }, text: "We use what you watch, and more.");
        await Eventually.Is("both are asked", () => Task.FromResult(app.Around.Renewals.Count(renewal => renewal.Purpose == "lapsing") == 2), ConsentApp.Soon);
        await app.GrantAsync("in-time", "lapsing", noticeVersion: 2);
        var stillValid = await app.PurposeAsync("late", "lapsing");
        app.Clock.Advance(TimeSpan.FromDays(15));
        var expired = await Eventually.Is(
            "it lapsed", () => Task.FromResult(app.Around.Events.OfType<ConsentExpired>().FirstOrDefault(expired => expired.SubjectRef == app.RefOf("late"))), found => found is not null, ConsentApp.Soon);

        Assert.Equal("granted", (string?)stillValid["categories"]![0]!["decision"]);
        Assert.NotNull(stillValid["renewBy"]);
        Assert.True(expired!.EpochEnded);
        Assert.Equal(["opinion", "viewing"], expired.Narrowed.Select(narrowed => narrowed.Category).Order());
        Assert.Equal("lapse", (string?)(await app.HistoryAsync("late"))[^1]["channel"]);
        Assert.Equal("granted", (string?)(await app.PurposeAsync("in-time", "lapsing"))["categories"]![0]!["decision"]);
    }
}
