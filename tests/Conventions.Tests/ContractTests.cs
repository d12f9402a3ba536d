using System.Reflection;
using System.Text.Json.Nodes;
using Personalization.Contracts;
using Personalization.Conventions.Tests.BadExamples;
using Xunit;

namespace Personalization.Conventions.Tests;

public sealed class ContractTests
{
    private const string Snapshots = "tests/Conventions.Tests/Contracts/";
    private const string Recorded = ".verified.json";

    public static TheoryData<string> Contracts => [.. ContractShapes.All.Select(type => type.Name)];

    [Fact]
    public void A_contract_is_a_sealed_record_of_required_or_nullable_members() => Rule.Holds(ContractShapes.All, ContractShapes.Flaws);

    [Fact]
    public void A_contract_of_another_shape_would_be_noticed() => Assert.Equal(
        ["OpenContract: no sealed record", "OpenContract.Changeable: not init", "OpenContract.Silent: neither required nor nullable"],
        ContractShapes.Flaws(typeof(OpenContract)));

    [Fact]
    public void Contracts_and_their_members_are_documented() => Rule.Holds(
        ContractShapes.All,
        type => (type.IsEnum ? [] : ContractShapes.Properties(type).Select(property => (PropertyInfo)property.AttributeProvider!))
            .Where(property => ContractDocs.Of(property) is null).Select(property => $"{type.Name}.{property.Name}: no summary")
            .Concat(ContractDocs.Of(type) is null ? [$"{type.Name}: no summary"] : []));

    [Fact]
    public void A_member_without_a_comment_would_be_noticed() => Assert.Null(ContractDocs.Of(typeof(OpenContract).GetProperty(nameof(OpenContract.Silent))!));

    // What isn't reached from the topology is read by nobody.
    [Fact]
    public void Every_public_record_of_the_contracts_is_on_the_wire() => Assert.Empty(
        typeof(Topology).Assembly.GetExportedTypes().Where(type => type is { IsInterface: false } and not { IsAbstract: true, IsSealed: true } && type != typeof(Subscription))
            .Except(ContractShapes.All));

    [Theory]
    [MemberData(nameof(Contracts))]
    public void A_shape_is_as_recorded(string contract)
    {
        var now = ContractShapes.Of(ContractShapes.All.Single(type => type.Name == contract));
        var file = $"{Snapshots}{contract}{Recorded}";

        // Accepting doesn't help here: messages of the older shape are in queues, outboxes and other people's services.
        if (File.Exists(Repository.PathOf(file)))
        {
            var breaks = ContractShapes.Breaks(contract, JsonNode.Parse(Repository.Read(file))!.AsObject(), now).ToArray();
            Assert.True(
                breaks.Length == 0, $"{string.Join("\n", breaks)}\nAdd a nullable member or a new contract instead. Before a first release: delete {file} and accept.");
        }

        Snapshot.Matches(file, AsyncApi.Text(now));
    }

    [Fact]
    public void Nothing_is_recorded_of_what_is_no_contract() => Assert.Empty(
        Directory.GetFiles(Repository.PathOf(Snapshots)).Select(file => Path.GetFileName(file).Replace(Recorded, "", StringComparison.Ordinal))
            .Except(ContractShapes.All.Select(type => type.Name)));

    [Fact]
    public void A_change_that_breaks_a_reader_would_be_noticed()
    {
        var recorded = Parse("""{"properties":{"a":{"type":"string"},"b":{"type":"string"},"c":{"type":"string"}},"required":["a","c"]}""");
        var now = Parse("""{"properties":{"a":{"type":"integer"},"c":{"type":"string"},"d":{"type":"string"},"e":{"type":"string"}},"required":["a","d"]}""");

        Assert.Equal(["X.a has another type", "X.b is gone", "X.c is required or not, other than before", "X.d is new and not nullable"], ContractShapes.Breaks("X", recorded, now));
        Assert.Equal(["X: the value denied is gone"], ContractShapes.Breaks("X", Parse("""{"enum":["granted","denied"]}"""), Parse("""{"enum":["granted","revoked"]}""")));
        Assert.Empty(ContractShapes.Breaks("X", recorded, recorded));
    }

    [Fact]
    public void A_changed_snapshot_shows_the_lines_that_differ() => Assert.Equal("2: - b\n2: + x\n3: + y\n4: - d", Snapshot.Difference("a\nb\nc\nd\n", "a\nx\ny\nc\n"));

    [Fact]
    public void The_AsyncAPI_document_is_up_to_date() => Snapshot.Matches("contracts/asyncapi.json", AsyncApi.Text(AsyncApi.Document()));

    [Fact]
    public void Every_reference_of_the_AsyncAPI_document_leads_somewhere()
    {
        var document = AsyncApi.Document();

        Rule.Holds([.. References(document)], reference => Resolve(document, reference) ? [] : [$"{reference} leads nowhere"]);
    }

    [Fact]
    public void A_reference_to_nothing_would_be_noticed()
    {
        var document = Parse("""{"channels":{"a":{"$ref":"#/channels/b"}}}""");

        Assert.False(Resolve(document, Assert.Single(References(document))));
        Assert.True(Resolve(document, "#/channels/a"));
    }

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonArray items => items.SelectMany(References),
        JsonObject members => members.SelectMany(member => member.Key == "$ref" ? [(string)member.Value!] : References(member.Value)),
        _ => [],
    };

    private static bool Resolve(JsonNode document, string reference) => reference[2..].Split('/').Aggregate((JsonNode?)document, (node, name) => node?[name]) is not null;
}
