using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Personalization.Contracts.Profile;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;
using Personalization.StandIns;
using Personalization.Testing;
using Xunit;

namespace Personalization.Profile.Tests;

/// <summary>How product services learn whom to take off their lists, on every store.</summary>
public abstract class WithdrawalsContract(ProfileApp app)
{
    private const string Purpose = "marketing-groups";

    [ContractFact]
    public async Task Who_took_a_purpose_back_is_told_with_the_purposes_and_the_number()
    {
        var before = app.Around.Stream.Count;
        await HeldAsync("anna");
        await app.GrantAsync("anna", "recommendations", "viewing", "opinion");
        await HeldAsync("boris");
        await app.RevokeAsync("anna", Purpose);
        await app.RevokeAsync("anna", "recommendations", "opinion");
        await app.RevokeAsync("boris");
        await app.FollowAsync();

        var answer = await ReadAsync(before);
        var told = answer["items"]!.AsArray().Select(item => $"{item!["customerId"]} {string.Join('+', item["purposes"]!.AsArray())} {item["number"]!.GetValue<long>() - before}").ToArray();
        await app.UntilHandledAsync("profile");

        Assert.Equal([$"anna {Purpose} 4", "anna recommendations 5", $"boris {Purpose} 6"], told);
        Assert.Equal(app.Around.Stream.Count, answer["through"]!.GetValue<long>());
        Assert.Null(answer["next"]);
        Assert.Empty((await ReadAsync(app.Around.Stream.Count))["items"]!.AsArray());
        var bell = Assert.Single(app.Around.Heard<WithdrawalRecorded>(), recorded => recorded.Number == before + 6);
        Assert.Equal([Purpose], bell.Purposes);
    }

    [ContractFact]
    public async Task It_outlives_the_erasure_for_a_stated_time_and_then_nothing_can_read_it()
    {
        await HeldAsync("gleb-4711");
        var number = app.Around.Stream.Count;
        var receipt = await app.EraseAsync(await app.RevokeAsync("gleb-4711"));
        await app.FollowAsync();
        var retained = Assert.Single(receipt.Retained);
        var row = Assert.Single(await app.Module("profile").Store.QueryAsync(new DocumentQuery("withdrawals", "number", After: Withdrawal.IdOf(number)), CancellationToken.None));

        await app.AdvanceAsync(retained.Until!.Value - app.Now - TimeSpan.FromSeconds(1));
        var still = (await ReadAsync(number))["items"]!.AsArray().Select(item => item!["customerId"]!.GetValue<string>()).ToArray();
        await app.AdvanceAsync(TimeSpan.FromSeconds(31));
        await Eventually.Is("it is forgotten", () => app.Module("profile").OpenSession().CountAsync<Withdrawal>("number", after: Withdrawal.IdOf(number)), count => count == 0, ServiceApp.Soon);

        Assert.Equal(("withdrawals", "customer-id"), (retained.Store, retained.Category));
        Assert.InRange(retained.Until.Value - receipt.ErasedAt, TimeSpan.FromHours(25), TimeSpan.FromHours(49));
        Assert.Equal(["gleb-4711"], still);
        Assert.True(row.IsSealed);
        Assert.True(await app.Module("profile").Keys.IsDestroyedAsync(Withdrawal.KeyOf(retained.Until.Value), CancellationToken.None));
        Assert.Equal(-1, app.FilesOf("profile").AsSpan().IndexOf(Encoding.UTF8.GetBytes("gleb-4711")));
        Assert.Empty((await ReadAsync(number))["items"]!.AsArray());
    }

    [ContractFact]
    public async Task Who_came_back_meanwhile_is_told_all_the_same_because_older_lists_held_them()
    {
        await HeldAsync("dina");
        var number = app.Around.Stream.Count;
        await app.RevokeAsync("dina", Purpose, byBus: false);
        await app.GrantAsync("dina", Purpose, "viewing");
        await app.FollowAsync();

        Assert.Contains("dina", (await ReadAsync(number))["items"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [ContractFact]
    public async Task Nobody_is_told_who_widened_or_of_whom_nothing_is_held()
    {
        var number = app.Around.Stream.Count;
        await HeldAsync("egor");
        await app.GrantAsync("egor", "recommendations", "viewing");
        await app.GrantAsync("inna", Purpose, "viewing");
        await app.RevokeAsync("inna");
        await app.FollowAsync();

        Assert.Empty((await ReadAsync(number))["items"]!.AsArray());
    }

    [ContractFact]
    public async Task Many_are_told_page_by_page_and_none_is_missed()
    {
        var number = app.Around.Stream.Count;
        string[] people = [.. Enumerable.Range(0, 5).Select(i => $"page-{i}")];
        foreach (var customer in people) await app.GrantAsync(customer, Purpose, "viewing");
        await app.PublishAsync(people.Select(customer => app.Event(customer, new { filmId = "f1" })));
        foreach (var customer in people) await app.RevokeAsync(customer, Purpose);
        await app.FollowAsync();

        var pages = new List<JsonObject> { await ReadAsync(number, 2) };
        while (pages[^1]["next"]?.GetValue<long>() is { } next) pages.Add(await ReadAsync(next, 2));

        Assert.Equal([2, 2, 1], pages.Select(page => page["items"]!.AsArray().Count));
        Assert.Equal(people, pages.SelectMany(page => page["items"]!.AsArray()).Select(item => item!["customerId"]!.GetValue<string>()));
    }

    [ContractFact]
    public async Task What_may_be_followed_by_something_older_is_not_told_yet()
    {
        await HeldAsync("lev");
        await HeldAsync("mila");
        await app.FollowAsync();
        var number = app.Around.Stream.Count;
        await app.RevokeAsync("lev", byBus: false);
        await app.RevokeAsync("mila");
        var early = await ReadAsync(number);
        await app.FollowAsync();
        var late = await ReadAsync(early["through"]!.GetValue<long>());

        Assert.Empty(early["items"]!.AsArray());
        Assert.Equal(["lev", "mila"], late["items"]!.AsArray().Select(item => item!["customerId"]!.GetValue<string>()));
    }

    [ContractFact]
    public async Task Only_product_services_ask_and_not_while_consents_are_unknown()
    {
        foreach (var role in new[] { Roles.Marketer, Roles.Operator, Roles.Officer, Roles.Subject }) Assert.Equal(HttpStatusCode.Forbidden, await app.StatusAsync("/withdrawals", role));
        await app.CutOffAsync();
        var answer = await app.SendAsync(HttpMethod.Get, "/withdrawals", null, Roles.Product);
        await app.MendAsync();

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "consent-unknown"), (answer.Status, answer.Problem));
    }

    private async Task HeldAsync(string customer)
    {
        await app.GrantAsync(customer, Purpose, "viewing");
        await app.PublishAsync(app.Event(customer, new { filmId = "f1" }));
    }

    private Task<JsonObject> ReadAsync(long after, int limit = 500) => app.GetAsync($"/withdrawals?after={after}&limit={limit}", Roles.Product);
}

public sealed class WithdrawalsOnSqliteTests(ProfileApp app) : WithdrawalsContract(app), IClassFixture<ProfileApp>;

[RequiresMongo]
public sealed class WithdrawalsOnMongoTests(MongoProfileApp app) : WithdrawalsContract(app), IClassFixture<MongoProfileApp>;
