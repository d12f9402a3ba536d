using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Personalization.Contracts.Profile;
using Personalization.Platform.Http;
using Personalization.Testing;
using Xunit;

namespace Personalization.Retention.Tests;

/// <summary>What staff are shown, by the read rules: role, purpose and category.</summary>
public sealed class ReadingByRulesTests(RetentionApp app) : IClassFixture<RetentionApp>, IAsyncLifetime
{
    public Task InitializeAsync() => app.AllowReadsAsync([.. ReadRules.Standard.Rules]);

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task What_a_rule_allows_is_shown_for_the_roles_default_purpose_or_the_one_that_is_named_and_is_on_record()
    {
        var (status, page) = await GetAsync("/erasures", Roles.Operator);
        var (named, _) = await GetAsync("/legal-holds?purpose=data-protection", Roles.Officer);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (status, named));
        Assert.IsType<JsonArray>(page["items"]);
        var read = await ToldAsync("erasure-cases", Roles.Operator);
        Assert.Equal(("operations", "shown", ReadCompliance.Compliant, "pseudonym"), (read.Purpose, read.Outcome, read.Compliance, Assert.Single(read.Categories)));
        Assert.NotNull(read.Reader);
        Assert.Equal("data-protection", (await ToldAsync("legal-holds", Roles.Officer)).Purpose);
    }

    [Fact]
    public async Task What_no_rule_speaks_of_is_refused_and_recorded_as_a_gap()
    {
        await app.AllowReadsAsync([.. ReadRules.Standard.Rules.Where(rule => rule.Role != Roles.Operator), Operators(null, "signal")]);

        var (status, problem) = await GetAsync("/erasures?state=awaiting", Roles.Operator);
        var (other, _) = await GetAsync("/legal-holds?purpose=Ivan.Ivanov@example.org", Roles.Officer);

        Assert.Equal((HttpStatusCode.Forbidden, Problems.TypePrefix + "purpose-not-allowed"), (status, (string)problem["type"]!));
        Assert.Equal(HttpStatusCode.Forbidden, other);
        Assert.Null(problem["items"]);
        Assert.Equal(("refused", "purpose-not-allowed"), await OutcomeAsync("erasure-cases", ReadCompliance.Gap));

        // What the caller called a purpose may be anything.
        Assert.Null((await ToldAsync("legal-holds", Roles.Officer, ReadCompliance.Gap)).Purpose);
    }

    [Fact]
    public async Task What_a_rule_denies_is_refused_and_recorded_as_a_violation()
    {
        await app.AllowReadsAsync([.. ReadRules.Standard.Rules.Where(rule => rule.Role != Roles.Operator), Operators(ReadAccess.Deny, "pseudonym")]);

        var (status, problem) = await GetAsync("/erasures", Roles.Operator);

        Assert.Equal((HttpStatusCode.Forbidden, Problems.TypePrefix + "read-denied"), (status, (string)problem["type"]!));
        Assert.Equal(("refused", "read-denied"), await OutcomeAsync("erasure-cases", ReadCompliance.Violation));
    }

    [Fact]
    public async Task A_role_that_an_endpoint_is_not_for_is_refused_and_recorded_as_a_violation_whatever_the_rules_say()
    {
        var (list, problem) = await GetAsync("/erasures?purpose=marketing", Roles.Marketer);
        var (one, _) = await GetAsync("/objections/1?purpose=Ivan.Ivanov@example.org", Roles.Marketer);

        Assert.Equal((HttpStatusCode.Forbidden, Problems.TypePrefix + "forbidden", HttpStatusCode.Forbidden), (list, (string)problem["type"]!, one));
        var read = await ToldAsync("erasure-cases", Roles.Marketer, ReadCompliance.Violation);
        Assert.Equal(("refused", "role-not-allowed", "marketing", "pseudonym"), (read.Outcome, read.Reason, read.Purpose, Assert.Single(read.Categories)));
        Assert.Null((await ToldAsync("objection", Roles.Marketer, ReadCompliance.Violation)).Purpose);
    }

    [Fact]
    public async Task A_file_says_where_its_hints_are_and_these_show_nothing_of_anybody()
    {
        const string Path = "/erasures/act?day=2026-11-27&language=en";
        using var officer = app.As(Roles.Officer);
        officer.DefaultRequestHeaders.Accept.ParseAdd("application/pdf");
        using var file = await officer.GetAsync(To(Path));

        var link = Assert.Single(file.Headers.GetValues("Link"));
        var (status, answer) = await GetAsync(new Uri(new Uri("http://localhost" + Path), link[1..link.IndexOf('>', StringComparison.Ordinal)]).PathAndQuery, Roles.Officer);

        Assert.Equal((HttpStatusCode.OK, "application/pdf"), (file.StatusCode, file.Content.Headers.ContentType?.MediaType));
        Assert.EndsWith("; rel=\"describedby\"; type=\"application/json\"", link, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.OK, "hints"), (status, Assert.Single(answer.AsObject()).Key));
        Assert.Contains("customer-id", answer["hints"]!.AsArray().Select(hint => (string)hint!["category"]!));
        Assert.Equal(HttpStatusCode.Forbidden, (await GetAsync(Path + "&hints=only", Roles.Marketer)).Status);
    }

    [Fact]
    public async Task Who_may_know_counts_only_gets_a_count_of_a_list_and_no_row_and_nothing_of_one_person()
    {
        var caseId = await app.RevokeAsync("counted");
        await Eventually.Is("the case is open", async () => (await GetAsync($"/erasures/{caseId}", Roles.Officer)).Status, status => status == HttpStatusCode.OK, RetentionApp.Soon);
        await app.AllowReadsAsync([.. ReadRules.Standard.Rules.Where(rule => rule.Role != Roles.Operator), Operators(ReadAccess.CountsOnly, "pseudonym")]);

        var (_, all) = await GetAsync("/erasures", Roles.Operator);
        var (_, completed) = await GetAsync("/erasures?state=completed", Roles.Operator);
        var (wrong, _) = await GetAsync("/erasures?state=lost", Roles.Operator);
        var (one, problem) = await GetAsync($"/erasures/{caseId}", Roles.Operator);
        using var retried = await app.As(Roles.Operator).PostAsync(To($"/erasures/{caseId}/retry"), null);

        Assert.Equal(["count", "hints"], all.AsObject().Select(member => member.Key));
        Assert.True((long)all["count"]! >= 1);
        Assert.DoesNotContain(caseId, all.ToJsonString(), StringComparison.Ordinal);
        Assert.True((long)completed["count"]! < (long)all["count"]!);
        Assert.Equal(HttpStatusCode.BadRequest, wrong);
        Assert.Equal((HttpStatusCode.Forbidden, Problems.TypePrefix + "counts-only", HttpStatusCode.Forbidden), (one, (string)problem["type"]!, retried.StatusCode));
        Assert.Equal(("counted", null), await OutcomeAsync("erasure-cases", ReadCompliance.Compliant, "counted"));
        Assert.Equal(("refused", "counts-only"), await OutcomeAsync("erasure-case", ReadCompliance.Violation));
    }

    [Fact]
    public async Task Without_a_purpose_a_role_that_has_no_default_one_reads_nothing()
    {
        await app.AllowReadsAsync([.. ReadRules.Standard.Rules.Select(rule => rule with { IsDefault = null })]);

        var (status, problem) = await GetAsync("/objections", Roles.Officer);
        var (named, _) = await GetAsync("/objections?purpose=data-protection", Roles.Officer);

        Assert.Equal((HttpStatusCode.BadRequest, Problems.TypePrefix + "purpose-required", HttpStatusCode.OK), (status, (string)problem["type"]!, named));
        Assert.Equal(("refused", "purpose-required"), await OutcomeAsync("objections", ReadCompliance.Violation));
    }

    [Fact]
    public async Task A_persons_own_and_a_product_services_call_ask_no_rule()
    {
        var caseId = await app.RevokeAsync("own");
        await Eventually.Is("the case is open", async () => (await GetAsync($"/erasures/{caseId}", Roles.Officer)).Status, status => status == HttpStatusCode.OK, RetentionApp.Soon);
        await app.AllowReadsAsync(Operators(ReadAccess.Deny, "pseudonym"));

        var (own, view) = await GetAsync($"/erasures/{caseId}", Roles.Subject, "own");
        var (product, _) = await GetAsync($"/erasures/{caseId}", Roles.Product);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (own, product));
        Assert.Null(view["hints"]);
    }

    [Theory]
    [InlineData("en", "Kept because the law requires it.", "Use it only for data-protection. It names the person: don't pass it on.")]
    [InlineData("ru-RU,ru;q=0.9", "Хранится по требованию закона.", "Используйте только для цели data-protection. Называет субъекта: не передавайте дальше.")]
    public async Task Whoever_is_shown_something_is_told_what_it_is_for_and_how_it_may_be_used(string language, string purpose, string use)
    {
        using var raised = await app.As(Roles.Product).PostAsJsonAsync(To("/objections"), new { customerId = "hinted", to = "decision", decision = new { modelVersion = "ease-42" } });
        var id = (string)(await raised.Content.ReadFromJsonAsync<JsonNode>())!["objectionId"]!;

        var (status, objection) = await GetAsync($"/objections/{id}", Roles.Officer, language: language);

        Assert.Equal((HttpStatusCode.OK, "hinted"), (status, (string)objection["customerId"]!));
        var hints = objection["hints"]!.AsArray();
        Assert.Equal(["customer-id", "statement"], hints.Select(hint => (string)hint!["field"]!));
        Assert.Equal((purpose, use), ((string)hints[0]!["for"]!, (string)hints[0]!["use"]!));
    }

    private static ReadRule Operators(ReadAccess? access, params string[] categories) =>
        new() { Role = Roles.Operator, Purpose = "operations", Categories = categories, Access = access, IsDefault = true };

    private static Uri To(string path) => new(path, UriKind.Relative);

    private async Task<(HttpStatusCode Status, JsonNode Body)> GetAsync(string path, string role, string? customer = null, string language = "en")
    {
        using var client = app.As(role, customer);
        client.DefaultRequestHeaders.AcceptLanguage.ParseAdd(language);
        using var response = await client.GetAsync(To(path));
        return (response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonNode>())!);
    }

    private Task<StaffReadDecided> ToldAsync(string data, string role, ReadCompliance compliance = ReadCompliance.Compliant, string? outcome = null) => Eventually.Is(
        $"the read of {data} is told of",
        () => Task.FromResult(app.Around.Told.OfType<StaffReadDecided>().LastOrDefault(read => read.Data == data && read.Role == role && read.Compliance == compliance && (outcome ?? read.Outcome) == read.Outcome)),
        read => read is not null, RetentionApp.Soon)!;

    private async Task<(string Outcome, string? Reason)> OutcomeAsync(string data, ReadCompliance compliance, string? outcome = null)
    {
        var read = await ToldAsync(data, data == "objections" ? Roles.Officer : Roles.Operator, compliance, outcome);
        return (read.Outcome, read.Reason);
    }
}
