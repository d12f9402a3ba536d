using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Personalization.Platform.Security;
using Personalization.Tickets;
using Xunit;

namespace Personalization.System.Tests;

/// <summary>The sample of a product service, told of erasures by what signs for them here. The demo's test has it take part in whole cases.</summary>
public sealed class TicketOfficeTests : IAsyncLifetime
{
    private static readonly HttpClient Http = new();
    private readonly string files = Directory.CreateTempSubdirectory("personalization-tickets-").FullName;
    private readonly string secret = $"whsec_{Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))}";
    private WebApplication office = null!;

    public async Task InitializeAsync()
    {
        await File.WriteAllTextAsync(Path.Combine(files, "secret"), secret);
        await OpenAsync();
    }

    public async Task DisposeAsync()
    {
        await office.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(files, recursive: true);
    }

    [Fact]
    public async Task It_erases_a_customers_tickets_and_no_others_and_signs_for_it()
    {
        await SellAsync("anna");
        await SellAsync("boris");

        var (status, receipt) = await TellAsync("er_1", "anna");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("""[{"store":"tickets","category":"viewing","count":1,"method":"erased"}]""", receipt!["erased"]!.ToJsonString());
        Assert.Equal("""[{"searched":"tickets","found":0}]""", receipt["residual"]!.ToJsonString());
        Assert.Equal((0, 1), (await CountAsync("anna"), await CountAsync("boris")));
        Assert.DoesNotContain("anna", Encoding.UTF8.GetString(await File.ReadAllBytesAsync(Path.Combine(files, "tickets.db"))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Told_again_after_a_restart_it_answers_what_it_did_the_first_time()
    {
        await SellAsync("anna");
        var (_, first) = await TellAsync("er_1", "anna");
        await office.DisposeAsync();
        await OpenAsync();

        var (_, again) = await TellAsync("er_1", "anna");

        Assert.Equal(first!.ToJsonString(), again!.ToJsonString());
    }

    [Fact]
    public async Task What_is_not_signed_with_its_secret_now_and_as_it_came_erases_nothing()
    {
        await SellAsync("anna");

        var unsigned = await TellAsync("er_1", "anna", signed: false);
        var other = await TellAsync("er_1", "anna", with: $"whsec_{Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))}");
        var old = await TellAsync("er_1", "anna", age: TimeSpan.FromMinutes(6));
        var altered = await TellAsync("er_1", "boris", alter: body => body.Replace("boris", "anna", StringComparison.Ordinal));

        Assert.All([unsigned, other, old, altered], answer => Assert.Equal(HttpStatusCode.Unauthorized, answer.Status));
        Assert.Equal(1, await CountAsync("anna"));
    }

    [Fact]
    public async Task What_the_erasure_is_not_about_stays()
    {
        await SellAsync("anna");

        var (_, narrowed) = await TellAsync("er_1", "anna", narrowed: ("marketing-groups", "viewing"));
        var (_, earlier) = await TellAsync("er_2", "anna", before: TimeProvider.System.GetUtcNow() - TimeSpan.FromHours(1));

        Assert.Empty(narrowed!["erased"]!.AsArray());
        Assert.Equal(0, (int)earlier!["erased"]![0]!["count"]!);
        Assert.Equal(1, await CountAsync("anna"));
        await TellAsync("er_3", "anna", narrowed: ("recommendations", "viewing"));
        Assert.Equal(0, await CountAsync("anna"));
    }

    private async Task OpenAsync() => office = (await TicketOffice.StartAsync(
        ["--Tickets:Url=http://127.0.0.1:0", $"--Tickets:Store={Path.Combine(files, "tickets.db")}", $"--Tickets:SecretFile={Path.Combine(files, "secret")}"]))!;

    private Uri At(string path) => new(new Uri(office.Urls.First()), path);

    private async Task SellAsync(string customerId) => (await Http.PostAsJsonAsync(At("/tickets"), new { customerId, filmId = "f1" })).EnsureSuccessStatusCode();

    private async Task<int> CountAsync(string customerId) => (await Http.GetFromJsonAsync<JsonNode>(At($"/customers/{customerId}/tickets")))!["items"]!.AsArray().Count;

    /// <summary>Tells it of an erasure, and verifies its signature over what it answers.</summary>
    private async Task<(HttpStatusCode Status, JsonNode? Receipt)> TellAsync(
        string caseId, string customerId, (string Purpose, string Category)? narrowed = null, DateTimeOffset? before = null, bool signed = true, string? with = null, TimeSpan age = default,
        Func<string, string>? alter = null)
    {
        var now = TimeProvider.System.GetUtcNow();
        var body = new JsonObject
        {
            ["type"] = "erasure.requested",
            ["timestamp"] = now,
            ["data"] = new JsonObject
            {
                ["caseId"] = caseId,
                ["customerId"] = customerId,
                ["scope"] = narrowed is null ? "all" : "narrowed",
                ["narrowed"] = narrowed is var (purpose, category) ? new JsonArray(new JsonObject { ["purpose"] = purpose, ["category"] = category }) : [],
                ["before"] = before ?? now,
                ["reason"] = "revoked",
            },
        }.ToJsonString();
        using var request = new HttpRequestMessage(HttpMethod.Post, At("/erasures")) { Content = new StringContent(alter?.Invoke(body) ?? body, Encoding.UTF8, "application/json") };
        if (signed)
        {
            request.Headers.Add(WebhookSignature.IdHeader, caseId);
            request.Headers.Add(WebhookSignature.TimestampHeader, WebhookSignature.TimestampOf(now - age));
            request.Headers.Add(WebhookSignature.Header, WebhookSignature.Of([with ?? secret], caseId, now - age, Encoding.UTF8.GetBytes(body)));
        }

        using var response = await Http.SendAsync(request);
        var answer = await response.Content.ReadAsByteArrayAsync();
        if (!response.IsSuccessStatusCode) return (response.StatusCode, null);
        Assert.True(WebhookSignature.Verify([secret], Header(WebhookSignature.IdHeader), Header(WebhookSignature.TimestampHeader), Header(WebhookSignature.Header), answer, TimeProvider.System.GetUtcNow()));
        return (response.StatusCode, JsonNode.Parse(answer));

        string Header(string name) => response.Headers.GetValues(name).Single();
    }
}
