using System.Text.RegularExpressions;
using Personalization.Contracts;
using Personalization.Platform.Messaging;

namespace Personalization.Cli;

/// <summary>An account of the broker; its rights are regular expressions over the names of exchanges and queues.</summary>
internal sealed record BrokerUser(string Name, string Configure, string Write, string Read, params string[] Tags)
{
    public const string VirtualHost = "personalization";

    private const string Nothing = "^$";

    /// <summary>
    /// A service of the system: reads its own queues, which are those of its reactions, and publishes its own messages. MassTransit declares both again
    /// before it uses them, hence <c>configure</c>, and makes the queues of what fails with the first such message, hence <c>write</c> on the dead letters:
    /// a queue that hands over to them is made only by who may write there.
    /// </summary>
    public static BrokerUser Service(string name)
    {
        var reactions = Topology.Subscriptions.Where(subscription => subscription.Service == name).Select(subscription => subscription.Reaction).Distinct();
        // Not one by one: the broker takes patterns of a thousand characters at most.
        var queues = $"({string.Join('|', reactions)})-on-[a-z-]+(_error|_skipped)?";
        var messages = string.Join('|', Topology.Publications[name].GroupBy(message => message.Namespace!).Select(group =>
            $"{Regex.Escape(group.Key)}:({string.Join('|', group.Select(message => message.Name))})"));
        return new(name, $"^({queues}|{messages})$", $"^({queues}|{messages}|{BrokerTopology.DeadLetters})$", $"^{queues}$");
    }

    /// <summary>A product service: hands over customer events, is told when there are withdrawals to fetch, and can read and declare nothing else.</summary>
    public static BrokerUser Product(string name) => new(name, Nothing, $"^{Topology.CustomerEvents}$", $"^{WithdrawalsFor(name)}$");

    /// <summary>The queue that tells a product service so.</summary>
    public static string WithdrawalsFor(string name) => $"{name}-withdrawals";

    public static BrokerUser Administrator(string name) => new(name, ".*", ".*", ".*", "administrator");
}
