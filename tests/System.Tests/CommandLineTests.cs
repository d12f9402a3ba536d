using System.Text.Json.Nodes;
using Personalization.System.Tests.Harness;
using Personalization.Testing;
using Personalization.Tickets;
using Xunit;

namespace Personalization.System.Tests;

/// <summary>The commands of <c>./dev</c> that talk to a server.</summary>
public sealed class CommandLineTests : IDisposable
{
    private readonly string files = Directory.CreateTempSubdirectory("personalization-files-").FullName;

    private static string Samples => Path.Combine(AppContext.BaseDirectory, "samples");

    public void Dispose() => Directory.Delete(files, recursive: true);

    [Fact]
    public async Task The_demo_keeps_its_promises_the_first_time_and_again_where_decisions_are_answered_with_202()
    {
        await using var system = new OneProcessSystem { Settings = new Dictionary<string, string?> { ["Consent:WaitForMilliseconds"] = "0", ["Profile:HttpWebhooks"] = "true" } };
        await system.StartAsync();
        await using var office = await TicketOffice.StartAsync(
            ["--Tickets:Url=http://127.0.0.1:0", $"--Tickets:Store={Path.Combine(files, "tickets.db")}", $"--Tickets:SecretFile={Path.Combine(system.KeysDirectory, "tickets", "webhook-secret")}"]);
        string[] tickets = ["--tickets", office!.Urls.First()];

        var first = await RunAsync(["demo", "--people", "50", "--exit", .. ServerOf(system), .. tickets]);
        var second = await RunAsync(["demo", "--people", "50", "--exit", .. ServerOf(system), .. tickets]);

        foreach (var run in new[] { first, second })
        {
            Assert.True(run.ExitCode == 0, run.LastLines);
            Assert.Contains("promises were kept", run.Output, StringComparison.Ordinal);
            Assert.Contains("← 202", run.Output, StringComparison.Ordinal);
            Assert.Contains("✓ Its receipt is on the certificate.", run.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_demo_deletes_nothing_where_an_address_is_named()
    {
        var refused = await RunAsync("demo", "--fresh", "--url", "http://localhost:8080");

        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("--fresh deletes the data of the local server", refused.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Applying_a_file_shows_what_differs_and_changes_it_once()
    {
        await using var system = new OneProcessSystem();
        await system.StartAsync();
        var file = Write(declarations => { });
        var changed = Write(declarations =>
        {
            declarations["retentionRules"]![0]!["keepDays"] = 400;
            declarations["eventTypes"]![0]!["fields"]!["rating"]!["description"] = "Between 0.5 and 5.";
            declarations["readRules"]!.AsArray().RemoveAt(1);
            declarations["segments"]![0]!["rule"]!["value"] = 30;
        });

        var first = await RunAsync(["apply", file, .. ServerOf(system)]);
        var second = await RunAsync(["apply", changed, .. ServerOf(system)]);
        var third = await RunAsync(["apply", changed, .. ServerOf(system)]);

        Assert.True(first.ExitCode == 0 && second.ExitCode == 0 && third.ExitCode == 0, first.LastLines + second.LastLines + third.LastLines);
        Assert.Contains("+ purpose recommendations", first.Output, StringComparison.Ordinal);
        Assert.Contains("~ retention rule recommendations, viewing\n       keepDays\n       - 730\n       + 400\n", second.Output, StringComparison.Ordinal);
        Assert.Contains("fields.rating.description\n       - \"How it was liked, from 0.5 to 5.\"\n       + \"Between 0.5 and 5.\"\n", second.Output, StringComparison.Ordinal);
        Assert.Contains("- read rule product, recommendations\n", second.Output, StringComparison.Ordinal);
        Assert.Contains("~ segment frequent-viewers\n       rule.value\n       - 20\n       + 30\n", second.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("PUT /purposes", second.Output, StringComparison.Ordinal);
        Assert.Contains("Nothing differs.", third.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("PUT ", third.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_wrong_is_refused_with_every_place_before_anything_is_changed()
    {
        var file = Write(declarations =>
        {
            declarations["eventTypes"]![0]!["fields"]!["rating"]!["type"] = "float";
            declarations["eventTypes"]![0]!["fields"]!["filmId"]!["purposes"]![1] = "improvement";
            declarations["retentionRules"]![3]!["keepDays"] = 0;
            declarations["contactTypes"]![0]!["category"] = "address";
            declarations["readRules"]![0]!["categories"]![1] = "contact";
            declarations["traits"]![0]!["purpose"] = "improvement";
        });
        var unfinished = Write(declarations => declarations["purposes"]!.AsArray().Add(null));

        var wrong = await RunAsync("apply", file, "--check");
        var broken = await RunAsync("apply", unfinished, "--check");

        Assert.Equal((1, 1), (wrong.ExitCode, broken.ExitCode));
        Assert.Contains("$.eventTypes[0].fields.rating.type: one of ", wrong.Errors, StringComparison.Ordinal);
        Assert.Contains("$.eventTypes[0].fields.filmId.purposes[1]: there is no purpose 'improvement'.", wrong.Errors, StringComparison.Ordinal);
        Assert.Contains("$.retentionRules[3].keepDays: at least 1.", wrong.Errors, StringComparison.Ordinal);
        Assert.Contains("$.contactTypes[0].purposes[0]: purpose 'marketing-groups' does not use the category 'address'.", wrong.Errors, StringComparison.Ordinal);
        Assert.Contains("$.readRules[0].categories: purpose 'recommendations' does not use the category 'contact'.", wrong.Errors, StringComparison.Ordinal);
        Assert.Contains("$.traits[0].purpose: there is no purpose 'improvement'.", wrong.Errors, StringComparison.Ordinal);
        Assert.Contains("must not be null", broken.Errors, StringComparison.Ordinal);
    }

    /// <summary>The sample's declarations with few items, changed.</summary>
    [Fact]
    public async Task Credentials_follow_one_another_and_both_are_good_until_the_older_ones_are_retired()
    {
        var keys = Path.Combine(files, "keys");
        var none = await RunAsync("rotate-credentials", keys);
        var made = await RunAsync("init", keys, "--keep-owner");
        var passwords = AccountsOf(keys).ToDictionary(account => account.Setting, account => account.Password);

        var rotated = await RunAsync("rotate-credentials", keys);
        var product = await RunAsync("rotate-credentials", keys, "--service", "cinema");

        Assert.Equal((2, 0, 0, 0), (none.ExitCode, made.ExitCode, rotated.ExitCode, product.ExitCode));
        Assert.Equal(["profile-2", "profile_keys-2", "profile-2"], AccountsOf(keys).Select(account => account.Name));
        Assert.All(AccountsOf(keys), account => Assert.NotEqual(passwords[account.Setting], account.Password));
        Assert.Superset(new HashSet<string> { "profile", "profile-2", "profile_keys", "profile_keys-2" }, NamesIn(keys, "mongo/users"));
        Assert.Superset(new HashSet<string> { "profile-2", "portal-2" }, Trusted(keys));
        Assert.Equal(["cinema", "cinema-2"], NamesIn(keys, "rabbitmq/users").Where(name => name != "admin").Order());
        var defined = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(keys, "rabbitmq", "definitions.json")))!;
        Assert.Equal(["cinema", "cinema-2", "profile-2"], defined["users"]!.AsArray().Select(user => (string)user!["name"]!).Where(name => name.StartsWith("cinema", StringComparison.Ordinal) || name.StartsWith("profile", StringComparison.Ordinal)).Order());
        var rights = defined["permissions"]!.AsArray().Where(right => ((string)right!["user"]!).StartsWith("cinema", StringComparison.Ordinal)).Select(right => (string)right!["read"]!).Distinct();
        Assert.Equal("^cinema-withdrawals$", Assert.Single(rights));

        var retired = await RunAsync("retire-credentials", keys);
        await RunAsync("retire-credentials", keys, "--service", "cinema");
        var before = AccountsOf(keys);
        await RunAsync("init", keys, "--keep-owner");

        Assert.Contains("rabbitmqctl delete_user profile\n", retired.Output, StringComparison.Ordinal);
        Assert.Empty(NamesIn(keys, "mongo/users").Intersect(["profile", "profile_keys"]));
        Assert.Equal(["profile-2.pem"], NamesIn(keys, "profile/signing"));
        Assert.Superset(new HashSet<string> { "profile-1", "profile-2" }, Trusted(keys));
        Assert.Equal(["admin", "cinema-2"], NamesIn(keys, "rabbitmq/users").Order());
        Assert.Equal(before, AccountsOf(keys));
    }

    private static HashSet<string> NamesIn(string keys, string folder) => [.. Directory.EnumerateFiles(Path.Combine(keys, folder)).Select(file => Path.GetFileName(file)!)];

    private static HashSet<string> Trusted(string keys) =>
        [.. JsonNode.Parse(File.ReadAllText(Path.Combine(keys, "shared", "trust.json")))!["keys"]!.AsArray().Select(key => (string)key!["kid"]!)];

    /// <summary>Profile's accounts: of its store, its key store and the broker.</summary>
    private static (string Setting, string Name, string Password)[] AccountsOf(string keys) =>
    [
        .. ((string[])["Profile__Store", "Profile__KeyStore", "Broker__Uri"]).Select(setting =>
        {
            var account = File.ReadAllText(Path.Combine(keys, "profile", "settings", setting)).Split('/')[2].Split('@')[0].Split(':');
            return (setting, account[0], account[1]);
        }),
    ];

    private string Write(Action<JsonNode> change)
    {
        var declarations = JsonNode.Parse(File.ReadAllText(Path.Combine(Samples, "cinema.json")))!;
        declarations["items"] = new JsonArray([.. declarations["items"]!.AsArray().Take(3).Select(item => item!.DeepClone())]);
        change(declarations);
        var file = Path.Combine(files, $"{Guid.NewGuid():N}.json");
        File.WriteAllText(file, declarations.ToJsonString());
        return file;
    }

    private static string[] ServerOf(OneProcessSystem system) => ["--url", system.Address.ToString(), "--keys", system.KeysDirectory];

    private Task<CommandResult> RunAsync(params string[] arguments) => CommandLine.RunAsync(
        TimeSpan.FromMinutes(5), files, new Dictionary<string, string?> { ["PERSONALIZATION_HOME"] = files, ["Keys__Directory"] = null },
        "dotnet", [Path.Combine(AppContext.BaseDirectory, "personalization.dll"), .. arguments]);
}
