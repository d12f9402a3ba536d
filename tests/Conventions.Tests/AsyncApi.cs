using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Personalization.Contracts;
using Personalization.Platform.Messaging;

namespace Personalization.Conventions.Tests;

/// <summary>Makes the AsyncAPI 3.0 document of the system: a channel for each exchange and each queue, an operation for each publisher and each queue.</summary>
internal static class AsyncApi
{
    private const string Envelope = "application/vnd.masstransit+json";
    private const string BindingVersion = "0.3.0";

    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, IndentSize = 2, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static IEnumerable<Subscription> Plain => Topology.Subscriptions.Where(subscription => subscription.Exchange is not null);

    /// <summary>As it is checked in.</summary>
    public static string Text(JsonNode node) => node.ToJsonString(Format) + "\n";

    public static JsonObject Document() => new()
    {
        ["asyncapi"] = "3.0.0",
        ["info"] = new JsonObject
        {
            ["title"] = "Personalization",
            ["version"] = "1.0.0",
            ["description"] = "What the services say to each other over RabbitMQ, and how product services hand over customer events. "
                + "Exchanges are fanout, queues quorum, both durable, messages persistent. Times are UTC. Members that are null are left out. "
                + "Generated from contracts/ by tests/Conventions.Tests; contracts/README.md is the catalogue.",
        },
        ["defaultContentType"] = Envelope,
        ["channels"] = Object([.. ContractShapes.Messages.Select(Exchange), .. Plain.Select(PlainExchange), .. Topology.Subscriptions.Select(Queue)]),
        ["operations"] = Object([.. Services.All.SelectMany(Sends), .. Plain.Select(ReceivesPlain), .. Topology.Subscriptions.Select(Receives)]),
        ["components"] = new JsonObject
        {
            ["messages"] = Object([.. ContractShapes.Messages.Select(Message), .. Plain.Select(PlainMessage)]),
            ["schemas"] = Object([.. ContractShapes.All.Select(type => (type.Name, (JsonNode)ContractShapes.Of(type, ContractDocs.Of))), ("Envelope", EnvelopeSchema())]),
        },
    };

    private static (string Name, JsonNode Channel) Exchange(Type message) => (message.Name, new JsonObject
    {
        ["address"] = BrokerTopology.ExchangeOf(message),
        ["description"] = ContractDocs.Of(message),
        ["messages"] = Messages(message.Name),
        ["bindings"] = ExchangeBinding(BrokerTopology.ExchangeOf(message)),
    });

    private static (string Name, JsonNode Channel) PlainExchange(Subscription subscription) => (subscription.Exchange!, new JsonObject
    {
        ["address"] = subscription.Exchange,
        ["description"] = $"For publishers that send JSON without an envelope; {subscription.Message.Name} in an envelope is taken here too.",
        ["messages"] = Messages(PlainName(subscription), subscription.Message.Name),
        ["bindings"] = ExchangeBinding(subscription.Exchange!),
    });

    private static (string Name, JsonNode Channel) Queue(Subscription subscription)
    {
        string[] exchanges = [BrokerTopology.ExchangeOf(subscription.Message), .. subscription.Exchange is { } plain ? [plain] : Array.Empty<string>()];
        return (subscription.Queue, new JsonObject
        {
            ["address"] = subscription.Queue,
            ["description"] = $"Bound to {string.Join(" and ", exchanges)}.",
            ["messages"] = Messages([subscription.Message.Name, .. subscription.Exchange is null ? Array.Empty<string>() : [PlainName(subscription)]]),
            ["bindings"] = new JsonObject
            {
                ["amqp"] = new JsonObject
                {
                    ["is"] = "queue",
                    ["queue"] = new JsonObject { ["name"] = subscription.Queue, ["durable"] = true, ["exclusive"] = false, ["autoDelete"] = false },
                    ["bindingVersion"] = BindingVersion,
                },
            },
        });
    }

    private static IEnumerable<(string Name, JsonNode Operation)> Sends(Service service) =>
        service.Built.Messages.All.OrderBy(message => message.Name, StringComparer.Ordinal)
            .Select(message => ($"{service.Built.Name}.send.{message.Name}", (JsonNode)Operation("send", message.Name, service.Built.Name)));

    private static (string Name, JsonNode Operation) Receives(Subscription subscription) =>
        ($"{subscription.Service}.{subscription.Queue}", Operation("receive", subscription.Queue, subscription.Service));

    private static (string Name, JsonNode Operation) ReceivesPlain(Subscription subscription)
    {
        var operation = Operation("receive", subscription.Exchange!, subscription.Service);
        operation["summary"] = "What product services publish.";
        return ($"{subscription.Service}.{subscription.Exchange}", operation);
    }

    private static JsonObject Operation(string action, string channel, string service) => new()
    {
        ["action"] = action,
        ["channel"] = Reference($"#/channels/{channel}"),
        ["tags"] = new JsonArray(new JsonObject { ["name"] = service }),
    };

    private static (string Name, JsonNode Message) Message(Type type) => (type.Name, new JsonObject
    {
        ["name"] = MessageTypes.UrnOf(type),
        ["title"] = type.Name,
        ["summary"] = ContractDocs.Of(type),
        ["contentType"] = Envelope,
        ["payload"] = new JsonObject
        {
            ["allOf"] = new JsonArray(Reference("#/components/schemas/Envelope"), new JsonObject
            {
                ["properties"] = new JsonObject
                {
                    ["messageType"] = new JsonObject { ["contains"] = new JsonObject { ["const"] = MessageTypes.UrnOf(type) } },
                    ["message"] = Reference($"#/components/schemas/{type.Name}"),
                },
            }),
        },
        ["bindings"] = new JsonObject { ["amqp"] = new JsonObject { ["messageType"] = MessageTypes.UrnOf(type), ["bindingVersion"] = BindingVersion } },
    });

    private static (string Name, JsonNode Message) PlainMessage(Subscription subscription) => (PlainName(subscription), new JsonObject
    {
        ["name"] = PlainName(subscription),
        ["title"] = $"{subscription.Message.Name}, plain JSON",
        ["summary"] = ContractDocs.Of(subscription.Message),
        ["contentType"] = "application/json",
        ["payload"] = Reference($"#/components/schemas/{subscription.Message.Name}"),
    });

    private static JsonObject EnvelopeSchema() => new()
    {
        ["type"] = "object",
        ["description"] = "MassTransit's envelope. A publisher of its own needs the members that are required here.",
        ["properties"] = new JsonObject
        {
            ["messageId"] = new JsonObject { ["type"] = "string", ["format"] = "uuid", ["description"] = "The same for every delivery." },
            ["messageType"] = new JsonObject
            {
                ["type"] = "array",
                ["items"] = new JsonObject { ["type"] = "string" },
                ["description"] = "The contract's URN, and those of the interfaces it has.",
            },
            ["message"] = new JsonObject { ["type"] = "object", ["description"] = "The contract." },
            ["sentTime"] = new JsonObject { ["type"] = "string", ["format"] = "date-time" },
            ["headers"] = new JsonObject { ["type"] = "object", ["description"] = "traceparent among them." },
        },
        ["required"] = new JsonArray("messageType", "message"),
    };

    private static string PlainName(Subscription subscription) => $"Plain{subscription.Message.Name}";

    private static JsonObject ExchangeBinding(string name) => new()
    {
        ["amqp"] = new JsonObject
        {
            ["is"] = "routingKey",
            ["exchange"] = new JsonObject { ["name"] = name, ["type"] = "fanout", ["durable"] = true, ["autoDelete"] = false },
            ["bindingVersion"] = BindingVersion,
        },
    };

    private static JsonObject Messages(params string[] names) => Object([.. names.Select(name => (name, (JsonNode)Reference($"#/components/messages/{name}")))]);

    private static JsonObject Reference(string to) => new() { ["$ref"] = to };

    private static JsonObject Object((string Name, JsonNode Value)[] members) => new(members.Select(member => KeyValuePair.Create(member.Name, (JsonNode?)member.Value)));
}
