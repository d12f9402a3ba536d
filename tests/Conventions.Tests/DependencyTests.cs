using System.Text.RegularExpressions;
using System.Xml.Linq;
using ArchUnitNET.Domain;
using ArchUnitNET.Fluent.Syntax.Elements.Types;
using ArchUnitNET.xUnit;
using Personalization.Conventions.Tests.BadExamples;
using Personalization.Conventions.Tests.BadExamples.Domain;
using Personalization.Platform;
using Personalization.Platform.Storage;
using Xunit;
using Xunit.Sdk;
using static ArchUnitNET.Fluent.ArchRuleDefinition;

namespace Personalization.Conventions.Tests;

public sealed partial class DependencyTests
{
    private const string Contracts = "contracts/Personalization.Contracts.csproj";
    private const string Platform = "services/Platform/Personalization.Platform.csproj";
    private const string Local = "services/Local/Personalization.Local.csproj";
    private const string Sample = "Personalization.Tickets";

    // Domain code is records in, records out: nothing of the edges, the clock, the store's session, configuration or a library of these.
    private const string Edges = "^(MassTransit|Microsoft|MongoDB|OpenTelemetry|Polly|RabbitMQ)(\\.|$)";

    private static readonly Architecture Architecture = Services.Architecture;

    public static TheoryData<string> ServiceNames => [.. Repository.Services];

    [Fact]
    public void The_contracts_reference_nothing() => Rule.Holds(ForeignReferences(Repository.Read(Contracts), allowed: [], packages: false));

    [Fact]
    public void The_platform_references_the_contracts_only() => Rule.Holds(ForeignReferences(Repository.Read(Platform), ["Personalization.Contracts"]));

    [Theory]
    [MemberData(nameof(ServiceNames))]
    public void A_service_references_contracts_and_platform_only(string service) =>
        Rule.Holds(ForeignReferences(Repository.Read($"services/{service}/Personalization.{service}.csproj"), ["Personalization.Contracts", "Personalization.Platform"]));

    [Fact]
    public void The_one_process_server_names_every_service_and_the_sample_of_a_product_service()
    {
        string[] services = [.. Repository.Services.Select(service => $"Personalization.{service}")];
        var program = Repository.Read("services/Local/Program.cs");

        Assert.Equal([.. services, Sample], ProjectReferences(Repository.Read(Local)).Order(StringComparer.Ordinal));
        Assert.Empty(ProjectReferences(Repository.Read($"deploy/Tickets/{Sample}.csproj")));
        Assert.All(Services.All, service => Assert.Contains($"new {service.Module.GetType().Name}()", program, StringComparison.Ordinal));
        Assert.Equal(["services/Local/Program.cs"], Repository.Sources("services/Local"));
    }

    [Fact]
    public void A_reference_to_another_service_or_to_a_package_would_be_noticed()
    {
        const string Bad = """
            <Project><ItemGroup>
              <ProjectReference Include="../Platform/Personalization.Platform.csproj" />
              <ProjectReference Include="../Consent/Personalization.Consent.csproj" />
              <PackageReference Include="MassTransit" />
            </ItemGroup></Project>
            """;

        Assert.Equal(["references Personalization.Consent"], ForeignReferences(Bad, ["Personalization.Contracts", "Personalization.Platform"]));
        Assert.Contains("references the package MassTransit", ForeignReferences(Bad, [], packages: false));
    }

    [Theory]
    [MemberData(nameof(ServiceNames))]
    public void A_service_uses_no_type_of_another(string service) =>
        TypesIn($"Personalization.{service}").Should().NotDependOnAny(TypesInAnyOf([.. Repository.Services.Where(other => other != service)])).Check(Architecture);

    [Fact]
    public void The_platform_uses_no_type_of_a_service() =>
        TypesIn("Personalization.Platform").Should().NotDependOnAny(TypesInAnyOf(Repository.Services)).Check(Architecture);

    [Fact]
    public void The_use_of_a_type_of_a_service_would_be_noticed() =>
        Assert.Throws<FailedArchRuleException>(() =>
            TypesIn("Personalization.Conventions.Tests.BadExamples").Should().NotDependOnAny(TypesInAnyOf(Repository.Services)).Check(Architecture));

    [Fact]
    public void Domain_code_is_pure() => IsPure("^Personalization\\.(" + string.Join('|', Repository.Services) + ")\\.Domain$").Check(Architecture);

    [Fact]
    public void Domain_code_that_loads_or_asks_for_the_time_would_be_noticed()
    {
        var rule = IsPure("^Personalization\\.Conventions\\.Tests\\.BadExamples\\.Domain$");

        var failures = rule.Evaluate(Architecture).Where(result => !result.Passed).Select(result => result.Description).ToArray();

        Assert.Contains(failures, failure => failure.Contains(nameof(DecidesByTheClock), StringComparison.Ordinal));
        Assert.Contains(failures, failure => failure.Contains(nameof(LoadsWhatItNeeds), StringComparison.Ordinal));
    }

    [Fact]
    public void The_platform_names_no_type_after_what_one_service_owns() => Rule.Holds(typeof(ServiceHost).Assembly.GetTypes(), DomainWords);

    [Fact]
    public void A_domain_word_in_the_platform_would_be_noticed() => Assert.Equal(["KeepsPurpose names a purpose"], DomainWords(typeof(KeepsPurpose)));

    private static TypesShouldConjunction IsPure(string domain) => Types().That().ResideInNamespaceMatching(domain).Should()
        .NotDependOnAny(Types(true).That().ResideInNamespaceMatching(Edges).Or().ResideInNamespaceMatching("\\.Features$").Or().Are(
            typeof(TimeProvider), typeof(DocumentSession), typeof(IDocumentStore), typeof(ServiceModule)));

    private static GivenTypesConjunction TypesIn(string root) => Types().That().ResideInNamespaceMatching($"^{root}(\\.|$)");

    private static GivenTypesConjunction TypesInAnyOf(IEnumerable<string> services) => TypesIn($"Personalization\\.({string.Join('|', services)})");

    private static string[] ProjectReferences(string project) =>
        [.. XDocument.Parse(project).Descendants("ProjectReference").Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value))];

    private static string[] ForeignReferences(string project, string[] allowed, bool packages = true) =>
    [
        .. ProjectReferences(project).Except(allowed).Select(reference => $"references {reference}"),
        .. packages ? [] : XDocument.Parse(project).Descendants("PackageReference").Select(reference => $"references the package {reference.Attribute("Include")!.Value}"),
    ];

    /// <summary>Consent, gate, subject and erasure are what every service shares; these words belong to one.</summary>
    private static IEnumerable<string> DomainWords(System.Type type)
    {
        string[] words =
        [
            "Audience", "Certificate", "Hold", "Item", "Ledger", "Marketer", "Notice", "Objection", "Profile", "Purpose", "Quarantine", "Recommendation", "Reward", "Segment", "Signal",
        ];
        return PascalWord().Matches(type.Name).Select(match => match.Value).Intersect(words).Select(word => $"{type.Name} names a {word.ToLowerInvariant()}");
    }

    [GeneratedRegex("[A-Z][a-z]+")]
    private static partial Regex PascalWord();
}
