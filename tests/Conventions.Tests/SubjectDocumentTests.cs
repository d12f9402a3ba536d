using System.Text.RegularExpressions;
using Personalization.Contracts.Audit;
using Personalization.Conventions.Tests.BadExamples;
using Personalization.Platform;
using Personalization.Platform.Messaging;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Xunit;

namespace Personalization.Conventions.Tests;

/// <summary>A document about a subject that the service's erasure has never heard of would outlive the person's wish.</summary>
public sealed partial class SubjectDocumentTests
{
    private static readonly string[] Sources = [.. Repository.Sources("services").Select(Repository.Read)];

    [Fact]
    public void Every_document_about_a_subject_says_in_the_data_map_what_it_holds_and_what_becomes_of_it() => Rule.Holds(Services.All, Uncovered);

    [Fact]
    public void A_document_that_no_erasure_reaches_and_that_says_nothing_would_be_noticed() => Assert.Equal(
        [
            "Bad: Customer is about a subject, and its contents name no data (Data)",
            "Bad: Customer: a text is missing in English or Russian",
            "Bad: KeptBackDocument is given to the person (ExportedBy), and no export of the service uses it: add it to the IExportParticipant, or say why not (NotExportedBecause)",
            "Bad: OpenDocument holds personal data, and no erasure of the service uses it; nor does it say why not (NotErasedBecause)",
            "Bad: OpenDocument holds personal data and doesn't say how long (Keeping)",
            "Bad: OpenDocument holds personal data that is neither exported (ExportedBy) nor says why not (NotExportedBecause)",
            "Bad: OpenDocument/name has no category",
            "Bad: OpenDocument/name has neither purposes nor a lawful basis",
        ],
        Uncovered(new Service(new BadModule(), new ModuleBuilder(new BadModule()))));

    private static IEnumerable<string> Uncovered(Service service)
    {
        var aboutSubjects = AboutSubjects(service).ToHashSet();
        var erased = UsedBy<IErasureParticipant>(service, "Eras");
        var exported = UsedBy<IExportParticipant>(service, "Export");
        foreach (var document in service.Built.Documents.All.OrderBy(document => document.ClrType.Name, StringComparer.Ordinal))
        {
            var (name, contents) = ($"{service}: {document.ClrType.Name}", document.Contents);
            if (aboutSubjects.Contains(document.ClrType) && contents.Data.Count == 0) yield return $"{name} is about a subject, and its contents name no data (Data)";
            if (TextsOf(contents).Any(text => string.IsNullOrWhiteSpace(text.En) || string.IsNullOrWhiteSpace(text.Ru))) yield return $"{name}: a text is missing in English or Russian";
            if (contents.DatedBy is { } field && document.Fields.All(declared => declared.Name != field)) yield return $"{name} is dated by {field}, which isn't among its fields";
            if (contents.Data.Count == 0) continue;
            if (contents.NotErasedBecause is null && !erased.Contains(document.ClrType.FullName!))
                yield return $"{name} holds personal data, and no erasure of the service uses it; nor does it say why not (NotErasedBecause)";
            if (contents.Keeping is null or { Rule: KeepingRule.Own or KeepingRule.ForGood, Why: null }) yield return $"{name} holds personal data and doesn't say how long (Keeping)";
            if (contents.ExportedBy is null == contents.NotExportedBecause is null)
                yield return $"{name} holds personal data that is neither exported (ExportedBy) nor says why not (NotExportedBecause)";
            if (contents.ExportedBy is not null && !exported.Contains(document.ClrType.FullName!))
                yield return $"{name} is given to the person (ExportedBy), and no export of the service uses it: add it to the IExportParticipant, or say why not (NotExportedBecause)";
            foreach (var data in contents.Data.Where(data => string.IsNullOrWhiteSpace(data.Category))) yield return $"{name}/{data.Name} has no category";
            foreach (var data in contents.Data.Where(data => data.Purposes.Count == 0 && string.IsNullOrWhiteSpace(data.LawfulBasis)))
                yield return $"{name}/{data.Name} has neither purposes nor a lawful basis";
        }
    }

    private static IEnumerable<Wording> TextsOf(CollectionContents contents) =>
        new[] { contents.What, contents.Keeping?.Why, contents.NotErasedBecause, contents.NotExportedBecause }.OfType<Wording>();

    private static IEnumerable<Type> AboutSubjects(Service service) => service.Built.Documents.All.Select(document => document.ClrType).Where(type =>

        // Waiting messages are sealed only where one of them holds personal data.
        type == typeof(OutboxEntry)
            ? service.Built.Messages.All.Any(message => service.Built.Messages.Published(message).SealedFor is not null)
            : type.IsAssignableTo(typeof(ISubjectDocument)) || HasSubjectRef(type) || IsKeyedBySubject(type));

    private static bool HasSubjectRef(Type type) => type.GetProperties().Any(property =>
        property.Name == nameof(DataKeyId.SubjectRef)
            || property.PropertyType.GetGenericArguments().Append(property.PropertyType).Any(part => part.GetProperty(nameof(DataKeyId.SubjectRef)) is not null));

    // Nothing but its comment tells an id that is a pseudonym from any other.
    private static bool IsKeyedBySubject(Type type) =>
        Sources.Any(source => source.Contains($"record {type.Name} :", StringComparison.Ordinal)
            && SubjectId().IsMatch(source[source.IndexOf($"record {type.Name} :", StringComparison.Ordinal)..].Split("\n}\n")[0]));

    /// <summary>What the participant uses, and what is used by the types that have the word in their name.</summary>
    private static HashSet<string> UsedBy<TParticipant>(Service service, string word)
    {
        var reached = new HashSet<string>();
        var open = new Queue<string>(service.Assembly.GetTypes().Where(type => type.IsAssignableTo(typeof(TParticipant))).Select(type => type.FullName!));
        while (open.TryDequeue(out var name))
        {
            foreach (var used in Services.Architecture.Types.Where(type => type.FullName == name || type.FullName.StartsWith(name + "+", StringComparison.Ordinal))
                .SelectMany(type => type.Dependencies).Select(dependency => dependency.Target.FullName))
            {
                if (reached.Add(used) && used.Contains(word, StringComparison.Ordinal)) open.Enqueue(used);
            }
        }

        return reached;
    }

    [GeneratedRegex(@"<summary>(The )?[Ss]ubject ref\b[^<]*</summary>\s*public required string Id")]
    private static partial Regex SubjectId();
}
