using System.Text.RegularExpressions;
using Personalization.Contracts;
using Xunit;

namespace Personalization.Conventions.Tests;

public sealed partial class DocumentationTests
{
    private const string Catalogue = "contracts/README.md";
    private const string Snippet = "tests/System.Tests/Publishing/FilmRatings.cs";

    [Fact]
    public void The_catalogue_names_each_contract_its_publishers_and_its_consumers() => Rule.Holds([.. Errors(Repository.Read(Catalogue), Expected())]);

    [Fact]
    public void A_catalogue_that_is_out_of_date_would_be_noticed()
    {
        const string Table = """
            | event | publisher | consumers | what it may carry |
            |---|---|---|---|
            | `A` | consent | audit | a pseudonym |
            | `B` | consent | audit | |
            | `C` | consent | audit, profile | a pseudonym |
            | `D` | consent | audit | a pseudonym |
            """;
        var expected = new[] { "A", "B", "C", "E" }.ToDictionary(name => name, _ => ("consent", "audit"));

        Assert.Equal(
            [
                "B: what it may carry isn't said",
                "C: | consent | audit |",
                "D: is no contract of the topology",
                "E: is missing; | `E` | consent | audit | … |",
            ],
            Errors(Table, expected).Order(StringComparer.Ordinal));
    }

    // The file is compiled and run against a broker; what stands in the README is it.
    [Fact]
    public void The_CSharp_of_the_README_is_what_is_compiled() => Assert.Equal(
        string.Join('\n', Repository.Read(Snippet).Split('\n').SkipWhile(line => line.StartsWith("#pragma", StringComparison.Ordinal))),
        CSharpBlock().Match(Repository.Read("README.md")).Groups["code"].Value);

    [Fact]
    public void A_link_of_a_document_leads_to_a_file() =>
        Rule.Holds([.. Repository.Files.Where(file => file.EndsWith(".md", StringComparison.Ordinal))], file => DeadLinks(file, Repository.Read(file)));

    [Fact]
    public void A_link_that_leads_nowhere_would_be_noticed() => Assert.Equal(
        ["docs/x.md links to nowhere.md"], DeadLinks("docs/x.md", "[a](../README.md) [b](nowhere.md) [c](https://example.org) [d](#here) [e](../README.md#there) [f](../docs)"));

    [Fact]
    public void The_architecture_links_every_decision() => Rule.Holds(
        [.. Repository.Files.Where(file => file.StartsWith("docs/decisions/", StringComparison.Ordinal))],
        file => Repository.Read("docs/architecture.md").Contains($"]({file["docs/".Length..]})", StringComparison.Ordinal) ? [] : [$"docs/architecture.md does not link {file}"]);

    private static Dictionary<string, (string Publishers, string Consumers)> Expected() => ContractShapes.Messages.ToDictionary(message => message.Name, message => (
        Join(Services.All.Where(service => service.Built.Messages.All.Contains(message)).Select(service => service.Built.Name)) is { Length: > 0 } services
            ? services : "product services",
        Join(Topology.Subscriptions.Where(subscription => subscription.Message == message).Select(subscription => subscription.Service))));

    private static IEnumerable<string> Errors(string catalogue, Dictionary<string, (string Publishers, string Consumers)> expected)
    {
        var rows = CatalogueRow().Matches(catalogue).ToDictionary(
            row => row.Groups["event"].Value, row => (Publishers: row.Groups["publishers"].Value, Consumers: row.Groups["consumers"].Value, Carries: row.Groups["carries"].Value));
        foreach (var name in rows.Keys.Except(expected.Keys)) yield return $"{name}: is no contract of the topology";
        foreach (var (name, (publishers, consumers)) in expected)
        {
            if (!rows.TryGetValue(name, out var row)) yield return $"{name}: is missing; | `{name}` | {publishers} | {consumers} | … |";
            else if ((row.Publishers, row.Consumers) != (publishers, consumers)) yield return $"{name}: | {publishers} | {consumers} |";
            else if (string.IsNullOrWhiteSpace(row.Carries)) yield return $"{name}: what it may carry isn't said";
        }
    }

    private static IEnumerable<string> DeadLinks(string file, string text) => Link().Matches(text).Select(link => link.Groups["to"].Value.Split('#')[0])
        .Where(to => to.Length > 0 && !to.Contains(':', StringComparison.Ordinal) && !Path.Exists(Path.Combine(Path.GetDirectoryName(Repository.PathOf(file))!, to)))
        .Select(to => $"{file} links to {to}");

    private static string Join(IEnumerable<string> names) => string.Join(", ", names.Distinct().Order(StringComparer.Ordinal));

    [GeneratedRegex(@"^\| `(?<event>\w+)` \| (?<publishers>[^|]*) \| (?<consumers>[^|]*) \|(?<carries>[^|]*)\|$", RegexOptions.Multiline)]
    private static partial Regex CatalogueRow();

    [GeneratedRegex("```csharp\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex CSharpBlock();

    [GeneratedRegex(@"\]\((?<to>[^)\s]+)\)")]
    private static partial Regex Link();
}
