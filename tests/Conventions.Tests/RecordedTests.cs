using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Personalization.Platform;
using Xunit;

namespace Personalization.Conventions.Tests;

/// <summary>An upgrade finds documents and messages of the version before it: what was recorded of every version is read by this one, and nothing of it is lost.</summary>
public sealed class RecordedTests
{
    private const string Samples = "tests/Conventions.Tests/Recorded";

    private static readonly Dictionary<string, Type> Roots = Services.All.SelectMany(service => service.Built.Documents.All.Select(document => document.ClrType)).Concat(ContractShapes.Messages)
        .Distinct().ToDictionary(type => $"{type.Assembly.GetName().Name!.Split('.')[^1]}.{type.Name}");

    public static TheoryData<string> Types => [.. Roots.Keys.Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Types))]
    public void What_an_earlier_version_wrote_is_read_and_nothing_of_it_lost(string name)
    {
        var type = Roots[name];
        foreach (var file in FilesOf(name)) Assert.True(FlawOf(type, Repository.Read(file)) is null, $"{file}: {FlawOf(type, Repository.Read(file))}");
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void What_this_version_writes_is_recorded(string name)
    {
        var now = RecordedSamples.Of(Roots[name]);
        var known = FilesOf(name).SelectMany(file => RecordedSamples.Paths(JsonNode.Parse(Repository.Read(file)))).ToHashSet();
        if (known.Count > 0 && RecordedSamples.Paths(now).All(known.Contains)) return;
        Snapshot.Matches(string.Create(CultureInfo.InvariantCulture, $"{Samples}/{name}.{FilesOf(name).Count + 1}.json"), AsyncApi.Text(now!.AsObject()));
    }

    [Fact]
    public void Nothing_is_recorded_that_nobody_reads() => Assert.Empty(
        Directory.GetFiles(Repository.PathOf(Samples)).Select(file => Path.GetFileNameWithoutExtension(Path.GetFileNameWithoutExtension(file))).Except(Roots.Keys));

    [Theory]
    [InlineData("""{"id":"a","added":1}""", "can't be read")]
    [InlineData("""{"id":"a","kept":1,"removed":{"inner":true}}""", "loses $.removed")]
    [InlineData("""{"id":"a","kept":1}""", null)]
    public void A_member_that_was_taken_away_or_is_now_required_would_be_noticed(string recorded, string? flaw) =>
        Assert.StartsWith(flaw ?? "", FlawOf(typeof(Changed), recorded) ?? "", StringComparison.Ordinal);

    private static string? FlawOf(Type type, string recorded)
    {
        try
        {
            var read = JsonSerializer.SerializeToNode(JsonSerializer.Deserialize(recorded, type, Json.Options), type, Json.Options);
            string[] lost = [.. RecordedSamples.Lost(JsonNode.Parse(recorded), read)];
            return lost.Length == 0 ? null : $"loses {string.Join(", ", lost)}";
        }
        catch (JsonException exception)
        {
            return $"can't be read: {exception.Message}";
        }
    }

    private static List<string> FilesOf(string name) =>
        [.. Directory.Exists(Repository.PathOf(Samples)) ? Directory.GetFiles(Repository.PathOf(Samples), $"{name}.*.json").Order(StringComparer.Ordinal).Select(file => $"{Samples}/{Path.GetFileName(file)}") : []];

    private sealed record Changed
    {
        public required string Id { get; init; }

        public required int Kept { get; init; }
    }
}
