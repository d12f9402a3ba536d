using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.System.Tests.Harness;
using Personalization.Testing;
using Xunit;

namespace Personalization.System.Tests;

public sealed class LinkingDumpsOfSqlite(SystemFixture<OneProcessSystem> fixture) : LinkingDumpsContract<OneProcessSystem>(fixture);

[RequiresBroker]
[RequiresMongo]
public sealed class LinkingDumpsOfMongo(SystemFixture<DistributedSystem> fixture) : LinkingDumpsContract<DistributedSystem>(fixture);

/// <summary>Somebody has dumps of Profile's and Recommendation's databases, a list of customers to try, and no key: whose data is it? P6 of the design.</summary>
public abstract class LinkingDumpsContract<TSystem>(SystemFixture<TSystem> fixture) : IClassFixture<SystemFixture<TSystem>>, IAsyncLifetime
    where TSystem : HostedSystem, new()
{
    private const string Customer = "customer-canary-4711";
    private const string Email = "canary.of.4711@example.org";
    private const string Phone = "+79161234711";
    private const string Region = "ru";

    // What is public, or can be guessed, and might have been taken for a key.
    private static readonly string[] GuessedKeys = ["", Region, "s1", "s1_", "subject-ref-1", "personalization", "secret", "salt"];

    protected TSystem System => fixture.System;

    public Task InitializeAsync() => fixture.OpenAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [ContractFact]
    public async Task No_direct_identifier_is_in_the_dumps_and_without_the_key_nobody_in_them_is_found()
    {
        await StoreAsync();
        var (profile, recommendation) = (await System.DumpAsync("profile"), await System.DumpAsync("recommendation"));
        var subject = new SubjectRefs(Path.Combine(System.KeysDirectory, "shared", "subject-ref-1.key"), Region).Of(Customer);

        // The search finds what is there: the person's pseudonym, which with the key takes one step from the customer id.
        Assert.True(Holds(profile, subject), "Profile's dump does not hold the person at all.");
        Assert.True(Holds(recommendation, subject), "Recommendation's dump does not hold the person at all.");

        foreach (var (service, dump) in new[] { ("profile", profile), ("recommendation", recommendation) })
        {
            foreach (var identifier in new[] { Customer, Email, Email.Split('@')[0], Phone, Phone[1..] })
            {
                foreach (var form in Forms(identifier)) Assert.False(Holds(dump, form), $"{service}: a direct identifier is in the dump.");
                foreach (var (how, hash) in Guesses(identifier)) Assert.False(HoldsHash(dump, hash), $"{service}: {how} of a direct identifier is in the dump.");
            }
        }
    }

    [ContractFact]
    public async Task The_attempt_would_find_an_identifier_that_is_only_hashed()
    {
        await StoreAsync();
        var dump = await System.DumpAsync("profile");

        foreach (var (how, hash) in Guesses(Customer))
        {
            foreach (var planted in new[] { Convert.ToHexString(hash), Convert.ToHexStringLower(hash), Convert.ToBase64String(hash), Base64Url.EncodeToString(hash.AsSpan(0, 20)) })
                Assert.True(HoldsHash([.. dump, .. Encoding.UTF8.GetBytes(planted)], hash), $"{how} would not be found.");
        }

        foreach (var form in Forms(Email)) Assert.True(Holds([.. dump, .. Encoding.UTF8.GetBytes(form)], form));
    }

    [ContractFact]
    public async Task Reading_a_contact_is_in_the_audit_log_with_purpose_and_outcome_and_without_the_person()
    {
        await StoreAsync();
        using var product = await System.As(Roles.Product).GetAsync(To($"/profiles/{Customer}/contacts?purpose=recommendations"));
        using var refused = await System.As(Roles.Operator).GetAsync(To($"/profiles/{Customer}?purpose=recommendations"));

        var reads = await Eventually.Is(
            "both reads are in the log", async () => await ReadsAsync(), found => found.Any(read => read.Contains("\"shown\"")) && found.Any(read => read.Contains("\"refused\"")), TimeSpan.FromSeconds(60));

        Assert.Contains(Email, await product.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains(reads, read => read.Contains("""{"data":"contacts","role":"product","outcome":"shown","categories":["contact"]""") && read.Contains("\"purpose\":\"recommendations\""));
        Assert.Contains(reads, read => read.Contains("\"role\":\"operator\",\"outcome\":\"refused\"") && read.Contains("\"reason\":\"purpose-not-allowed\""));
        Assert.DoesNotContain(reads, read => read.Contains(Customer) || read.Contains("s1_") || read.Contains(Email));
    }

    private static Uri To(string path) => new(path, UriKind.Relative);

    private async Task StoreAsync()
    {
        await SendAsync(Roles.Operator, "/purposes/recommendations", new
        {
            lawfulBasis = "consent",
            categories = new[] { "viewing", "opinion", "contact" },
            notices = new[] { new { language = "en", title = "recommendations", text = "We use what you watch and how we reach you." }, new { language = "ru", title = "recommendations", text = "Мы используем то, что вы смотрите, и как с вами связаться." } },
        });
        await SendAsync(Roles.Operator, "/retention-rules", new
        {
            rules = new[] { "viewing", "opinion", "contact" }.Select(category => new { purpose = "recommendations", category, keepDays = 365 })
                .Append(new { purpose = "marketing-groups", category = "viewing", keepDays = 30 }),
            reason = "Contacts are asked for.",
        });
        foreach (var type in new[] { "email", "phone" })
            await SendAsync(Roles.Operator, $"/contact-types/{type}", new { description = "Where news are sent.", category = "contact", purposes = new[] { "recommendations" } });
        await SendAsync(Roles.Officer, "/read-rules", new { rules = new[] { new { role = "product", purpose = "recommendations", categories = new[] { "contact" } } } });
        await fixture.Cinema.GrantCurrentAsync(Customer, "recommendations");
        await fixture.Cinema.PublishAsync(Customer, "f1", rating: 5);
        await Eventually.Is(
            "contacts are taken", async () => (await SendAsync(Roles.Product, $"/profiles/{Customer}/contacts", new { email = Email, phone = Phone }))["stored"]!.AsArray().Count,
            count => count == 2, TimeSpan.FromSeconds(30));
        await fixture.Cinema.UntilPersonalizedAsync(Customer);
    }

    private async Task<JsonObject> SendAsync(string role, string path, object body)
    {
        using var content = Cinema.Json(body);
        using var response = await System.As(role).PutAsync(To(path), content);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"PUT {path} answered {(int)response.StatusCode}: {text}");
        return JsonNode.Parse(text)!.AsObject();
    }

    private async Task<IReadOnlyList<string>> ReadsAsync()
    {
        var reads = new List<string>();
        for (long? after = 0; after is not null;)
        {
            var page = JsonNode.Parse(await System.As(Roles.Auditor).GetStringAsync(To($"/audit/entries?limit=1000&after={after}")))!;
            reads.AddRange(page["items"]!.AsArray().Where(entry => entry!["read"] is not null).Select(entry => entry!.ToJsonString()));
            after = (long?)page["next"];
        }

        return reads;
    }

    /// <summary>How a text may be written down.</summary>
    private static IEnumerable<string> Forms(string text)
    {
        yield return text;
        yield return text.ToUpperInvariant();
        yield return Convert.ToHexStringLower(Encoding.UTF8.GetBytes(text));
        yield return Convert.ToHexString(Encoding.UTF8.GetBytes(text));

        // At the two other offsets within a longer base64 text it reads otherwise, but for the ends.
        for (var offset = 0; offset < 3; offset++)
        {
            var encoded = Convert.ToBase64String([.. new byte[offset], .. Encoding.UTF8.GetBytes(text)]).TrimEnd('=');
            yield return encoded[(offset == 0 ? 0 : offset + 1)..^1];
        }
    }

    /// <summary>Hashes of an identifier that need no secret.</summary>
    private static IEnumerable<(string How, byte[] Hash)> Guesses(string identifier)
    {
        foreach (var text in new[] { identifier, $"{Region}\n{identifier}", $"{Region}:{identifier}", $"{Region}{identifier}", identifier.ToUpperInvariant() })
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            yield return ("SHA-256", SHA256.HashData(bytes));
            yield return ("SHA-512", SHA512.HashData(bytes));
            foreach (var key in GuessedKeys) yield return ("HMAC-SHA-256 under a guessed key", HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), bytes));
        }
    }

    private static bool HoldsHash(byte[] dump, byte[] hash) =>
        dump.AsSpan().IndexOf(hash.AsSpan(0, 16)) >= 0
        || Holds(dump, Convert.ToHexStringLower(hash)[..32]) || Holds(dump, Convert.ToHexString(hash)[..32])
        || Holds(dump, Convert.ToBase64String(hash)[..20]) || Holds(dump, Base64Url.EncodeToString(hash)[..20]);

    private static bool Holds(byte[] dump, string text) => dump.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;
}
