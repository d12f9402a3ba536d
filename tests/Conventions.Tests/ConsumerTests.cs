using System.Reflection;
using System.Text.RegularExpressions;
using MassTransit;
using Personalization.Contracts;
using Personalization.Contracts.Consent;
using Personalization.Contracts.Profile;
using Personalization.Contracts.Retention;
using Personalization.Conventions.Tests.BadExamples;
using Personalization.Platform;
using Personalization.Platform.Messaging;
using Personalization.Platform.Privacy;
using Xunit;

namespace Personalization.Conventions.Tests;

public sealed partial class ConsumerTests
{
    private static readonly ConsumerRegistration[] Registered = [.. Services.All.SelectMany(service => service.Built.Consumers)];

    [Fact]
    public void A_consumer_is_sealed_and_named_reaction_on_event() => Rule.Holds(Registered, Misnamed);

    [Fact]
    public void A_consumer_of_another_name_or_shape_would_be_noticed()
    {
        var built = new ModuleBuilder(new BadModule()).Consumers;

        Assert.Equal(
            [
                "HandleErasures<EraseSubject>: not sealed",
                "HandleErasures<EraseSubject>: the name is not reaction + On + EraseSubject",
                "KeepBothOnConsentRevoked<ConsentRevoked>: takes 2 messages",
            ],
            built.SelectMany(Misnamed));
    }

    [Fact]
    public void A_consumer_that_exists_is_listed_by_its_module() => Rule.Holds(Services.All, Unlisted);

    [Fact]
    public void A_consumer_that_no_module_lists_would_be_noticed() =>
        Assert.Equal(["BadModule does not list ForgottenOnConsentGranted"], Unlisted(new Service(new BadModule(), new ModuleBuilder(new BadModule()))));

    [Fact]
    public void A_queue_has_one_consumer_in_the_system() => Rule.Holds([.. SharedQueues(Registered)]);

    [Fact]
    public void A_shared_queue_would_be_noticed() => Assert.Equal(
        ["queue close-gate: consent, profile"],
        SharedQueues([Consumer("profile", "close-gate"), Consumer("consent", "close-gate"), Consumer("consent", "other")]));

    [Fact]
    public void The_topology_lists_exactly_the_consumers_of_the_modules() => Rule.Holds(
        [.. Difference(Topology.Subscriptions, [.. Registered.Select(consumer => new Subscription(consumer.Module, consumer.Queue, consumer.MessageType, consumer.Exchange))])]);

    [Fact]
    public void A_difference_between_topology_and_modules_would_be_noticed()
    {
        var listed = new Subscription("profile", "ingest", typeof(EraseSubject), "events");

        Assert.Empty(Difference([listed], [listed]));
        Assert.Single(Difference([listed], []));
        Assert.Single(Difference([], [listed]));
        foreach (var other in new[] { listed with { Service = "audit" }, listed with { Message = typeof(ConsentRevoked) }, listed with { Exchange = null } })
            Assert.Equal(2, Difference([listed], [other]).Count());
    }

    // Rights over queues go by it: an account could read the other service's.
    [Fact]
    public void A_reaction_is_of_one_service() => Rule.Holds(
        [
            .. Topology.Subscriptions.GroupBy(subscription => subscription.Reaction).Where(reaction => reaction.Select(subscription => subscription.Service).Distinct().Count() > 1)
                .Select(reaction => $"{reaction.Key}: {string.Join(", ", reaction.Select(subscription => subscription.Service).Distinct())}"),
        ]);

    // By it the broker's accounts get their rights: one that is missing can't be published, one too many can be forged.
    [Fact]
    public void The_topology_lists_what_the_modules_publish() => Assert.Equal(
        Published().Select(pair => $"{pair.Service} {pair.Message.Name}".ToLowerInvariant()).Order(StringComparer.Ordinal),
        Topology.Publications.SelectMany(service => service.Value.Select(message => $"{service.Key} {message.Name}".ToLowerInvariant())).Order(StringComparer.Ordinal));

    // A message that no queue is bound for is returned by the broker and would stay in the outbox for ever.
    [Fact]
    public void A_published_message_has_a_reader() => Rule.Holds(
        [
            .. Published().Where(pair => Topology.Subscriptions.All(subscription => subscription.Message != pair.Message))
                .Select(pair => $"{pair.Service} publishes {pair.Message.Name}, which no queue takes"),
        ]);

    [Fact]
    public void A_read_message_has_a_publisher() => Rule.Holds(
        [
            .. Topology.Subscriptions.Where(subscription => subscription.Exchange is null).Select(subscription => subscription.Message).Distinct()
                .Except(Published().Select(pair => pair.Message)).Select(message => $"{message.Name} is read and no service publishes it"),
        ]);

    // Why not these: docs/decisions/2026-11-24-customer-events-not-audited.md, docs/decisions/2026-11-26-parts-of-an-export-travel-sealed.md
    [Fact]
    public void Audit_hears_of_everything_but_customer_events_and_the_parts_of_exports() => Assert.Equal(
        [typeof(CustomerEvent), typeof(SubjectDataExported)],
        ContractShapes.Messages.Except(Topology.Subscriptions.Where(subscription => subscription.Service == "audit").Select(subscription => subscription.Message)));

    [Fact]
    public void A_command_has_one_sender() => Assert.All(
        [typeof(EraseSubject), typeof(ExportSubject)], command => Assert.Equal("Retention", Assert.Single(Published(), pair => pair.Message == command).Service));

    // What holds data must be told to erase, and what answers must be asked.
    [Fact]
    public void Who_takes_part_in_erasures_reads_the_command() => Rule.Holds(
        [
            .. Services.All.Where(service => TakesPart(service) && !service.Built.Consumers.Any(HandsToErasure))
                .Select(service => $"{service}: no consumer hands EraseSubject to Erasure"),
        ]);

    // What gives a person what is held of them must be asked for it.
    [Fact]
    public void Who_takes_part_in_exports_reads_the_command() => Rule.Holds(
        [
            .. Services.All.Where(service => service.Built.Messages.All.Contains(typeof(SubjectDataExported)) && !service.Built.Consumers.Any(HandsToExport))
                .Select(service => $"{service}: no consumer hands ExportSubject to SubjectExport"),
        ]);

    private static bool HandsToExport(ConsumerRegistration consumer) => consumer.MessageType == typeof(ExportSubject)
        && consumer.ConsumerType.GetConstructors().Single().GetParameters().Any(parameter => parameter.ParameterType == typeof(SubjectExport));

    private static bool TakesPart(Service service) => service.Built.Documents.All.Any(document => document.ClrType == typeof(ErasureRecord));

    private static bool HandsToErasure(ConsumerRegistration consumer) => consumer.MessageType == typeof(EraseSubject)
        && consumer.ConsumerType.GetConstructors().Single().GetParameters().Any(parameter => parameter.ParameterType == typeof(Erasure));

    private static IEnumerable<(string Service, Type Message)> Published() =>
        Services.All.SelectMany(service => service.Built.Messages.All.Select(message => (service.Module.Name, message)));

    private static ConsumerRegistration Consumer(string module, string queue) => new(typeof(object), typeof(object), queue, module, 1, null);

    private static IEnumerable<string> Misnamed(ConsumerRegistration consumer)
    {
        var type = consumer.ConsumerType;
        var name = $"{Bare(type)}<{consumer.MessageType.Name}>";
        if (!type.IsSealed) yield return $"{name}: not sealed";
        var messages = type.GetInterfaces().Count(implemented => implemented.IsGenericType && implemented.GetGenericTypeDefinition() == typeof(IConsumer<>));
        if (messages != 1) yield return $"{name}: takes {messages} messages";

        // A generic consumer stands for one consumer a message, whose name the message completes.
        var complete = Bare(type) + string.Concat(type.GetGenericArguments().Select(argument => argument.Name));
        if (!ReactionOn().IsMatch(complete) || !complete.EndsWith($"On{consumer.MessageType.Name}", StringComparison.Ordinal))
            yield return $"{name}: the name is not reaction + On + {consumer.MessageType.Name}";
    }

    private static IEnumerable<string> Unlisted(Service service) => service.Module.GetType().Assembly.GetTypes()
        .Where(type => type is { IsAbstract: false, IsInterface: false } && type.IsAssignableTo(typeof(IConsumer)) && IsOf(service, type))
        .Where(type => service.Built.Consumers.All(consumer => consumer.ConsumerType != type && (!type.IsGenericTypeDefinition || consumer.ConsumerType.Name != type.Name)))
        .Select(type => $"{service.Module.GetType().Name} does not list {Bare(type)}");

    private static bool IsOf(Service service, Type type) => type.Namespace!.StartsWith(service.Module.GetType().Namespace!, StringComparison.Ordinal);

    private static IEnumerable<string> SharedQueues(IEnumerable<ConsumerRegistration> consumers) => consumers.GroupBy(consumer => consumer.Queue).Where(queue => queue.Count() > 1)
        .Select(queue => $"queue {queue.Key}: {string.Join(", ", queue.Select(consumer => consumer.Module).Order(StringComparer.Ordinal))}");

    private static IEnumerable<string> Difference(IReadOnlyList<Subscription> topology, IReadOnlyList<Subscription> modules) =>
    [
        .. topology.Except(modules).Select(subscription => $"only in contracts/Topology.cs: {Text(subscription)}"),
        .. modules.Except(topology).Select(subscription => $"only in a module: {Text(subscription)}"),
    ];

    private static string Text(Subscription subscription) => $"{subscription.Service} {subscription.Queue} {subscription.Message.Name} {subscription.Exchange}".TrimEnd();

    private static string Bare(MemberInfo type) => type.Name.Split('`')[0];

    [GeneratedRegex("^[A-Z][A-Za-z]+On[A-Z][A-Za-z]+$")]
    private static partial Regex ReactionOn();
}
