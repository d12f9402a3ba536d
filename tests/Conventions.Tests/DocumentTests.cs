using System.Text.RegularExpressions;
using Personalization.Contracts.Audit;
using Personalization.Conventions.Tests.BadExamples;
using Personalization.Platform;
using Personalization.Platform.Storage;
using Xunit;

namespace Personalization.Conventions.Tests;

public sealed partial class DocumentTests
{
    private static readonly (string Service, DocumentType Document)[] Declared = [.. Services.All.SelectMany(Of)];

    private static readonly (string Service, DocumentType Document)[] Bad = [.. Of(new Service(new BadModule(), new ModuleBuilder(new BadModule())))];

    private static readonly CollectionContents Contents = Holds.Nobody("samples", "образцы");

    [Fact]
    public void A_document_is_a_sealed_record() => Rule.Holds(Declared, Unsealed);

    [Fact]
    public void A_document_of_another_shape_would_be_noticed() => Assert.Equal(["Bad: Customer is no record", "Bad: OpenDocument is not sealed"], Bad.SelectMany(Unsealed));

    [Fact]
    public void A_collection_is_named_after_its_document_in_snake_case_plural() => Rule.Holds(Declared, Misnamed);

    [Theory]
    [InlineData("customer_record")]
    [InlineData("CustomerRecords")]
    [InlineData("customers")]
    [InlineData("customer__records")]
    public void A_collection_of_another_name_would_be_noticed(string collection) =>
        Assert.NotEmpty(Misnamed(("Bad", new DocumentType(typeof(CustomerRecord), collection, Contents, []))));

    [Theory]
    [InlineData(typeof(CustomerRecord), "customer_records")]
    [InlineData(typeof(CustomerRecord), "old_customer_records")]
    [InlineData(typeof(PrivacyPolicy), "privacy_policies")]
    [InlineData(typeof(SampleDatum), "sample_data")]
    public void A_plural_is_understood(Type document, string collection) => Assert.Empty(Misnamed(("Bad", new DocumentType(document, collection, Contents, []))));

    // What the platform declares for every service has the same name in each; their databases are apart.
    [Fact]
    public void A_collection_name_stands_for_one_document_in_the_system() => Rule.Holds([.. Ambiguous(Declared)]);

    [Fact]
    public void A_collection_name_with_two_meanings_would_be_noticed() => Assert.Equal(
        ["records: CustomerRecord of A, PrivacyPolicy of B"],
        Ambiguous([("A", new DocumentType(typeof(CustomerRecord), "records", Contents, [])), ("B", new DocumentType(typeof(PrivacyPolicy), "records", Contents, []))]));

    private static IEnumerable<(string Service, DocumentType Document)> Of(Service service) =>
        service.Built.Documents.All.Select(document => (service.Module.Name, document));

    private static IEnumerable<string> Unsealed((string Service, DocumentType Document) declared)
    {
        var type = declared.Document.ClrType;
        if (type.GetMethod("<Clone>$") is null) yield return $"{declared.Service}: {type.Name} is no record";
        if (!type.IsSealed) yield return $"{declared.Service}: {type.Name} is not sealed";
    }

    private static IEnumerable<string> Misnamed((string Service, DocumentType Document) declared)
    {
        var (service, document) = declared;
        var noun = PascalWord().Matches(document.ClrType.Name)[^1].Value.ToLowerInvariant();
        if (!SnakeCase().IsMatch(document.Collection) || !PluralsOf(noun).Contains(document.Collection.Split('_')[^1]))
            yield return $"{service}: {document.Collection} is not snake case ending in the plural of {noun} ({document.ClrType.Name})";
    }

    private static string[] PluralsOf(string noun) => noun switch
    {
        "datum" => ["data"],
        // RetentionRules: one document that holds several is plural already.
        _ when noun.EndsWith('s') => [noun, noun + "es"],
        _ when noun.EndsWith('y') => [noun[..^1] + "ies"],
        _ => [noun + "s", noun + "es"],
    };

    private static IEnumerable<string> Ambiguous(IEnumerable<(string Service, DocumentType Document)> declared) => declared.GroupBy(pair => pair.Document.Collection)
        .Where(collection => collection.Select(pair => pair.Document.ClrType).Distinct().Count() > 1)
        .Select(collection => $"{collection.Key}: {string.Join(", ", collection.Select(pair => $"{pair.Document.ClrType.Name} of {pair.Service}"))}");

    [GeneratedRegex("^[a-z][a-z0-9]*(_[a-z0-9]+)*$")]
    private static partial Regex SnakeCase();

    [GeneratedRegex("[A-Z][a-z0-9]+")]
    private static partial Regex PascalWord();

    private sealed record CustomerRecord;

    private sealed record PrivacyPolicy;

    private sealed record SampleDatum;
}
