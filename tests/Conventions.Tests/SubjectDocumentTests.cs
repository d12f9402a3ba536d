using System.Text.RegularExpressions;
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
    // Kept knowingly when a subject is erased. Who adds one says why, here, where the next reader looks for it.
    private static readonly Dictionary<string, string> Kept = new()
    {
        ["Consent.AppliedConsent"] = "a pseudonym, a service, a version and a time: what the gates keep too",
        ["Consent.ConsentRecord"] = "docs/decisions/2026-11-24-gates-in-clear.md",
        ["Consent.PendingChange"] = "deleted as soon as it has its number in the stream, before any case can follow from it",
        ["Retention.ErasureCase"] = "the proof of the erasure, sealed with a key of the case that outlives the subject's",
        ["Retention.ErasureCertificate"] = "the proof of the erasure, as the case; deleted with it after three years",
    };

    private static readonly string[] Sources = [.. Repository.Sources("services").Select(Repository.Read)];

    [Fact]
    public void Every_document_about_a_subject_is_known_to_the_services_erasure() => Rule.Holds(Services.All, Forgotten);

    [Fact]
    public void A_document_that_no_erasure_reaches_would_be_noticed() => Assert.Equal(
        ["Bad: Customer is about a subject and no erasure of the service uses it"],
        Forgotten(new Service(new BadModule(), new ModuleBuilder(new BadModule()))));

    [Fact]
    public void What_is_kept_knowingly_needs_the_exception() =>
        Assert.Empty(Kept.Keys.Except(Services.All.SelectMany(service => Unreached(service).Select(type => $"{service}.{type.Name}"))));

    private static IEnumerable<string> Forgotten(Service service) => Unreached(service).Where(type => !Kept.ContainsKey($"{service}.{type.Name}"))
        .Select(type => $"{service}: {type.Name} is about a subject and no erasure of the service uses it");

    private static IEnumerable<Type> Unreached(Service service)
    {
        var reached = UsedByErasure(service);
        return AboutSubjects(service).Where(type => !reached.Contains(type.FullName!)).OrderBy(type => type.Name, StringComparer.Ordinal);
    }

    private static IEnumerable<Type> AboutSubjects(Service service) => service.Built.Documents.All.Select(document => document.ClrType).Where(type =>

        // Waiting messages are sealed only where one of them holds personal data.
        type == typeof(OutboxEntry)
            ? service.Built.Messages.All.Any(message => service.Built.Messages.Published(message).SealedFor is not null)
            : type.IsAssignableTo(typeof(ISubjectDocument)) || HasSubjectRef(type) || IsKeyedBySubject(type));

    private static bool HasSubjectRef(Type type) => type.GetProperties().Any(property =>
        property.Name == nameof(DataKeyId.SubjectRef) || property.PropertyType.GetProperty(nameof(DataKeyId.SubjectRef)) is not null);

    // Nothing but its comment tells an id that is a pseudonym from any other.
    private static bool IsKeyedBySubject(Type type) =>
        Sources.Any(source => source.Contains($"record {type.Name} :", StringComparison.Ordinal)
            && SubjectId().IsMatch(source[source.IndexOf($"record {type.Name} :", StringComparison.Ordinal)..].Split("\n}\n")[0]));

    /// <summary>What the participant uses, and what is used by the types that have erasing in their name.</summary>
    private static HashSet<string> UsedByErasure(Service service)
    {
        var reached = new HashSet<string>();
        var open = new Queue<string>(service.Assembly.GetTypes().Where(type => type.IsAssignableTo(typeof(IErasureParticipant))).Select(type => type.FullName!));
        while (open.TryDequeue(out var name))
        {
            foreach (var used in Services.Architecture.Types.Where(type => type.FullName == name || type.FullName.StartsWith(name + "+", StringComparison.Ordinal))
                .SelectMany(type => type.Dependencies).Select(dependency => dependency.Target.FullName))
            {
                if (reached.Add(used) && used.Contains("Eras", StringComparison.Ordinal)) open.Enqueue(used);
            }
        }

        return reached;
    }

    [GeneratedRegex(@"<summary>(The )?[Ss]ubject ref\b[^<]*</summary>\s*public required string Id")]
    private static partial Regex SubjectId();
}
