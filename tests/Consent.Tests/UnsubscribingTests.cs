using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using Personalization.Consent.Domain;
using Personalization.Contracts.Consent;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Testing;
using Xunit;

namespace Personalization.Consent.Tests;

/// <summary>The one click of RFC 8058, from the mail's headers to the receipt.</summary>
public sealed partial class UnsubscribingTests(ConsentApp app) : IClassFixture<ConsentApp>
{
    private const string OneClick = "List-Unsubscribe=One-Click";

    [Fact]
    public async Task A_mail_gets_its_two_headers_and_the_token_is_stored_nowhere()
    {
        await app.DeclareAsync("news");
        await app.GrantAsync("reader", "news");

        var (status, answer) = await app.SendAsync(Roles.Product, HttpMethod.Post, "/unsubscribe-tokens", new { customerId = "reader", purpose = "news" });
        var (link, post) = ((string)answer["headers"]!["List-Unsubscribe"]!, (string?)answer["headers"]!["List-Unsubscribe-Post"]);
        var token = Link().Match(link).Groups[1].Value;
        await app.RevokeAsync("reader", "news");

        Assert.Equal((HttpStatusCode.Created, OneClick), (status, post));
        Assert.NotEmpty(token);
        Assert.NotNull(await app.Consent.OpenSession().LoadAsync<UnsubscribeToken>(UnsubscribeToken.HashOf(token), CancellationToken.None));
        foreach (var file in new[] { app.DatabaseFile, app.DatabaseFile + "-wal" })
        {
            using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete), Encoding.Latin1);
            var stored = await reader.ReadToEndAsync();
            Assert.DoesNotContain(token, stored, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("ghost", "letters", 409, "not-granted")]
    [InlineData("refuser", "letters", 409, "not-granted")]
    [InlineData("subscriber", "no-such-purpose", 404, "unknown-purpose")]
    [InlineData("subscriber", "letters-by-contract", 409, "not-consent-based")]
    [InlineData("anna@example.com", "letters", 400, "bad-customer-id")]
    public async Task Who_agreed_to_nothing_gets_no_mail_and_so_no_link(string customerId, string purpose, int status, string slug)
    {
        await app.DeclareAsync("letters");
        await app.DeclareAsync("letters-by-contract", new { lawfulBasis = "contract" });
        await app.GrantAsync("subscriber", "letters");
        await app.DenyAsync("refuser", "letters");

        var (answered, problem) = await app.SendAsync(Roles.Product, HttpMethod.Post, "/unsubscribe-tokens", new { customerId, purpose });

        Assert.Equal((status, slug), ((int)answered, ConsentApp.Slug(problem)));
    }

    [Theory]
    [InlineData(Roles.Subject)]
    [InlineData(Roles.Marketer)]
    [InlineData(Roles.Operator)]
    public async Task Only_who_sends_mails_gets_links(string role)
    {
        var (status, _) = await app.SendAsync(role, HttpMethod.Post, "/unsubscribe-tokens", new { customerId = "reader", purpose = "news" }, customerId: "reader");

        Assert.Equal(HttpStatusCode.Forbidden, status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_click_revokes_the_purpose_of_the_mail_and_no_other(bool isMultipart)
    {
        var customerId = $"clicker-{isMultipart}";
        await app.DeclareAsync("mails");
        await app.DeclareAsync("kept");
        await app.GrantAsync(customerId, "kept");
        var token = await SubscribeAsync(customerId, "mails");

        using HttpContent body = isMultipart ? new MultipartFormDataContent { { new StringContent("One-Click"), "List-Unsubscribe" } } : Form(OneClick);
        using var nobody = app.AsNobody();
        using var response = await nobody.PostAsync(new Uri($"/unsubscribe/{token}", UriKind.Relative), body);
        var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        var last = (await app.HistoryAsync(customerId))[^1];
        var revoked = await Eventually.Is(
            "the revocation was published", () => Task.FromResult(app.Around.Events.OfType<ConsentRevoked>().LastOrDefault(revoked => revoked.SubjectRef == app.RefOf(customerId))),
            found => found is not null, ConsentApp.Soon);

        Assert.Equal((HttpStatusCode.OK, "yes"), (response.StatusCode, (string?)answer["state"]));
        Assert.Equal((string?)last["receiptId"], (string?)answer["receiptId"]);
        Assert.Equal("unsubscribe", (string?)last["channel"]);
        Assert.All(revoked!.Narrowed, narrowed => Assert.Equal("mails", narrowed.Purpose));
        Assert.Equal("granted", (string?)(await app.PurposeAsync(customerId, "kept"))["categories"]![0]!["decision"]);
        Assert.False(response.Headers.Contains("Set-Cookie"));
        Assert.Null(response.Headers.Location);
    }

    [Fact]
    public async Task A_second_click_changes_nothing_and_is_answered_alike()
    {
        await app.DeclareAsync("twice");
        var token = await SubscribeAsync("double", "twice");

        var first = await ClickAsync(token);
        var second = await ClickAsync(token);

        Assert.Equal(HttpStatusCode.OK, first.Status);
        Assert.Equal((first.Status, first.Body.ToJsonString()), (second.Status, second.Body.ToJsonString()));
        Assert.Equal(2, (await app.HistoryAsync("double")).Length);
    }

    [Fact]
    public async Task A_click_after_the_purpose_was_revoked_elsewhere_names_that_receipt()
    {
        await app.DeclareAsync("elsewhere");
        var token = await SubscribeAsync("earlier", "elsewhere");
        var (_, revoked) = await app.RevokeAsync("earlier", "elsewhere");

        var (status, answer) = await ClickAsync(token);

        Assert.Equal((HttpStatusCode.OK, (string?)revoked["receiptId"]), (status, (string?)answer["receiptId"]));
    }

    [Fact]
    public async Task A_click_on_an_old_mail_after_a_new_grant_takes_the_new_grant_back()
    {
        await app.DeclareAsync("again");
        await app.DeclareAsync("stays");
        await app.GrantAsync("returning", "stays");
        var token = await SubscribeAsync("returning", "again");
        var first = await ClickAsync(token);
        await app.GrantAsync("returning", "again");

        var second = await ClickAsync(token);

        Assert.Equal(HttpStatusCode.OK, second.Status);
        Assert.NotEqual((string?)first.Body["receiptId"], (string?)second.Body["receiptId"]);
        Assert.Equal("revoked", (string?)(await app.PurposeAsync("returning", "again"))["categories"]![0]!["decision"]);
    }

    [Fact]
    public async Task A_click_that_is_not_in_force_everywhere_yet_is_answered_as_pending()
    {
        await using var own = await OwnApp.StartAsync(new() { ["Consent:WaitForMilliseconds"] = "200" });
        await own.DeclareAsync("slow-mails");
        var token = await SubscribeAsync("slow-reader", "slow-mails", own);
        own.Around.Silent["profile"] = true;

        var (status, answer) = await PostAsync(token, OneClick, of: own);

        Assert.Equal((HttpStatusCode.Accepted, "pending"), (status, (string?)answer["state"]));
        Assert.NotNull(answer["receiptId"]);
    }

    [Theory]
    [InlineData("application/json", "{\"List-Unsubscribe\":\"One-Click\"}")]
    [InlineData("text/plain", OneClick)]
    [InlineData("application/x-www-form-urlencoded", "")]
    [InlineData("application/x-www-form-urlencoded", "List-Unsubscribe=No")]
    [InlineData("application/x-www-form-urlencoded", "List-Unsubscribe=one-click")]
    [InlineData("application/x-www-form-urlencoded", "List-Unsubscribe=One-Click&List-Unsubscribe=One-Click")]
    [InlineData("application/x-www-form-urlencoded", "Unsubscribe=One-Click")]
    [InlineData("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click")]
    [InlineData("multipart/form-data", "List-Unsubscribe=One-Click")]
    public async Task Another_body_unsubscribes_nobody_and_tells_nothing_about_the_token(string contentType, string body)
    {
        await app.DeclareAsync("unmoved");
        var token = await SubscribeAsync("unmoved", "unmoved");

        var known = await PostAsync(token, body, contentType);
        var unknown = await PostAsync(new string('A', 43), body, contentType);

        Assert.Equal((HttpStatusCode.BadRequest, "not-one-click"), (known.Status, ConsentApp.Slug(known.Body)));
        Assert.Equal(Said(known), Said(unknown));
        Assert.Equal("granted", (string?)(await app.PurposeAsync("unmoved", "unmoved"))["categories"]![0]!["decision"]);
    }

    [Theory]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("x")]
    [InlineData("%F0%9F%A6%8A")]
    public async Task A_token_that_was_never_issued_is_no_link(string token)
    {
        var (status, problem) = await ClickAsync(token);

        Assert.Equal((HttpStatusCode.NotFound, "unknown-unsubscribe-link"), (status, ConsentApp.Slug(problem)));
    }

    [Theory]
    [InlineData("?language=ru", "en", "ru", "Отписаться?")]
    [InlineData("", "fr, ru-RU;q=0.5, en;q=0.4", "ru", "Отписаться?")]
    [InlineData("", "en-GB", "en", "Unsubscribe?")]
    [InlineData("?language=fr", "", "en", "Unsubscribe?")]
    public async Task The_link_opens_a_page_that_asks_and_does_nothing(string query, string accepted, string language, string title)
    {
        await app.DeclareAsync("opened");
        var token = await SubscribeAsync("opener", "opened");

        var page = await GetAsync(token, query, accepted);
        var ofNothing = await GetAsync(new string('A', 43), query, accepted);

        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Contains($"<html lang=\"{language}\">", page.Html, StringComparison.Ordinal);
        Assert.Contains(title, WebUtility.HtmlDecode(page.Html), StringComparison.Ordinal);
        Assert.Contains("<form method=\"post\"><input type=\"hidden\" name=\"List-Unsubscribe\" value=\"One-Click\"><button>", page.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page.Html, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("default-src 'none'", page.Policy, StringComparison.Ordinal);
        Assert.Equal("no-referrer", page.Referrer);
        Assert.Equal(page.Html, ofNothing.Html);
        Assert.Equal("granted", (string?)(await app.PurposeAsync("opener", "opened"))["categories"]![0]!["decision"]);
    }

    [Fact]
    public async Task Who_presses_the_button_of_the_page_is_answered_by_a_page()
    {
        await app.DeclareAsync("pressed");
        var token = await SubscribeAsync("presser", "pressed");

        var (status, html) = await PressAsync(token);
        var (unknown, sorry) = await PressAsync("x");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound), (status, unknown));
        Assert.Contains((string)(await app.HistoryAsync("presser"))[^1]["receiptId"]!, html, StringComparison.Ordinal);
        Assert.Contains("This link does not work", sorry, StringComparison.Ordinal);

        async Task<(HttpStatusCode Status, string Html)> PressAsync(string link)
        {
            using var nobody = app.AsNobody();
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"/unsubscribe/{link}", UriKind.Relative)) { Content = Form(OneClick) };
            request.Headers.TryAddWithoutValidation("Accept", "text/html,application/xhtml+xml,*/*;q=0.8");
            using var response = await nobody.SendAsync(request);
            return (response.StatusCode, await response.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task Links_to_an_erased_person_go_and_those_of_a_later_epoch_stay()
    {
        await app.DeclareAsync("erased-mails");
        var first = await SubscribeAsync("forgotten", "erased-mails");
        var second = await LinkAsync("forgotten", "erased-mails");
        var (_, revoked) = await app.RevokeAsync("forgotten", "erased-mails");
        var later = await SubscribeAsync("forgotten", "erased-mails");

        var receipt = await app.EraseAsync("forgotten", (long)revoked["version"]!);

        Assert.Equal((2, "erased"), Assert.Single(receipt.Erased.Where(data => data.Store == "unsubscribe_tokens").Select(data => ((int)data.Count, data.Method))));
        Assert.Equal(0, Assert.Single(receipt.Residual, scan => scan.Searched == "unsubscribe_tokens").Found);
        foreach (var gone in new[] { first, second }) Assert.Equal(Said(await ClickAsync("x")), Said(await ClickAsync(gone)));
        Assert.Equal(HttpStatusCode.OK, (await ClickAsync(later)).Status);
    }

    [Fact]
    public async Task A_click_repeated_after_the_erasure_that_followed_is_answered_alike_and_nothing_leads_from_it_to_the_person()
    {
        await app.DeclareAsync("last-mails");
        var token = await SubscribeAsync("retried", "last-mails");
        var first = await ClickAsync(token);

        var receipt = await app.EraseAsync("retried", 2);
        var second = await ClickAsync(token);
        var stored = await app.Consent.OpenSession().LoadAsync<UnsubscribeToken>(UnsubscribeToken.HashOf(token), CancellationToken.None);
        await app.GrantAsync("retried", "last-mails");
        var third = await ClickAsync(token);

        Assert.Equal((1, "anonymized"), Assert.Single(receipt.Erased.Where(data => data.Store == "unsubscribe_tokens").Select(data => ((int)data.Count, data.Method))));
        Assert.All(receipt.Residual, scan => Assert.Equal(0, scan.Found));
        Assert.Equal((first.Status, first.Body.ToJsonString()), (second.Status, second.Body.ToJsonString()));
        Assert.DoesNotContain(app.RefOf("retried"), JsonSerializer.Serialize(stored, Json.Options), StringComparison.Ordinal);
        Assert.Equal((null, null), (stored!.SubjectRef, stored.DataKey));
        Assert.NotEqual((string?)first.Body["receiptId"], (string?)third.Body["receiptId"]);
        Assert.Equal("revoked", (string?)(await app.PurposeAsync("retried", "last-mails"))["categories"]![0]!["decision"]);
    }

    [Fact]
    public async Task Links_to_somebody_who_narrowed_only_one_purpose_stay()
    {
        await app.DeclareAsync("narrowed-mails");
        await app.DeclareAsync("other-mails");
        await app.GrantAsync("partly", "other-mails");
        var token = await SubscribeAsync("partly", "narrowed-mails");
        var (_, revoked) = await app.RevokeAsync("partly", "narrowed-mails");

        var receipt = await app.EraseAsync("partly", (long)revoked["version"]!, wholeEpoch: false);

        Assert.DoesNotContain(receipt.Erased, data => data.Store == "unsubscribe_tokens");
        Assert.All(receipt.Residual, scan => Assert.Equal(0, scan.Found));
        Assert.Equal(HttpStatusCode.OK, (await ClickAsync(token)).Status);
    }

    [Fact]
    public async Task A_link_goes_by_age_and_is_then_as_if_it_had_never_been()
    {
        await using var later = await OwnApp.StartAsync();
        await later.DeclareAsync("old-mails");
        var token = await SubscribeAsync("old-reader", "old-mails", later);

        later.Clock.Advance(TimeSpan.FromDays(366));
        await later.RestartAsync();
        await Eventually.Is("it is gone", async () => await later.Consent.OpenSession().CountAsync<UnsubscribeToken>("issued") == 0, ConsentApp.Soon);

        Assert.Equal(Said(await PostAsync("x", OneClick, of: later)), Said(await PostAsync(token, OneClick, of: later)));
    }

    [Fact]
    public async Task Links_go_to_the_public_address_and_that_is_https_beyond_this_machine()
    {
        await using var elsewhere = await OwnApp.StartAsync(new() { ["Consent:PublicUrl"] = "https://consent.example.com/" });
        await elsewhere.DeclareAsync("public");
        await elsewhere.GrantAsync("public", "public");

        var (_, answer) = await elsewhere.SendAsync(Roles.Product, HttpMethod.Post, "/unsubscribe-tokens", new { customerId = "public", purpose = "public" });

        Assert.StartsWith("<https://consent.example.com/unsubscribe/", (string?)answer["headers"]!["List-Unsubscribe"], StringComparison.Ordinal);
        await Assert.ThrowsAsync<OptionsValidationException>(() => OwnApp.StartAsync(new() { ["Consent:PublicUrl"] = "http://consent.example.com" }));
    }

    private static FormUrlEncodedContent Form(string pair) => new([KeyValuePair.Create(pair.Split('=')[0], pair.Split('=')[1])]);

    private static (HttpStatusCode Status, string? Type, string? Title, string? Detail) Said((HttpStatusCode Status, JsonObject Body) answer) =>
        (answer.Status, (string?)answer.Body["type"], (string?)answer.Body["title"], (string?)answer.Body["detail"]);

    private async Task<string> SubscribeAsync(string customerId, string purpose, ConsentApp? of = null)
    {
        await (of ?? app).GrantAsync(customerId, purpose);
        return await LinkAsync(customerId, purpose, of);
    }

    private async Task<string> LinkAsync(string customerId, string purpose, ConsentApp? of = null)
    {
        var (_, answer) = await (of ?? app).SendAsync(Roles.Product, HttpMethod.Post, "/unsubscribe-tokens", new { customerId, purpose });
        return Link().Match((string)answer["headers"]!["List-Unsubscribe"]!).Groups[1].Value;
    }

    private Task<(HttpStatusCode Status, JsonObject Body)> ClickAsync(string token) => PostAsync(token, OneClick);

    private async Task<(HttpStatusCode Status, JsonObject Body)> PostAsync(string token, string body, string contentType = "application/x-www-form-urlencoded", ConsentApp? of = null)
    {
        using var nobody = (of ?? app).AsNobody();
        using var content = new StringContent(body, Encoding.UTF8);
        content.Headers.Remove("Content-Type");
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        using var response = await nobody.PostAsync(new Uri($"/unsubscribe/{token}", UriKind.Relative), content);
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsObject());
    }

    private async Task<(HttpStatusCode Status, string Html, string Policy, string Referrer)> GetAsync(string token, string query, string accepted)
    {
        using var nobody = app.AsNobody();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"/unsubscribe/{token}{query}", UriKind.Relative));
        if (accepted.Length > 0) request.Headers.TryAddWithoutValidation("Accept-Language", accepted);
        using var response = await nobody.SendAsync(request);
        return (
            response.StatusCode, await response.Content.ReadAsStringAsync(), Assert.Single(response.Headers.GetValues("Content-Security-Policy")),
            Assert.Single(response.Headers.GetValues("Referrer-Policy")));
    }

    [GeneratedRegex("^<http://localhost:8080/unsubscribe/([A-Za-z0-9_-]{43})>$")]
    private static partial Regex Link();
}
