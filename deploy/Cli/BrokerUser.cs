using Personalization.Contracts;

namespace Personalization.Cli;

/// <summary>An account of the broker; its rights are regular expressions over the names of exchanges and queues.</summary>
internal sealed record BrokerUser(string Name, string Configure, string Write, string Read, params string[] Tags)
{
    public const string VirtualHost = "personalization";

    private const string Nothing = "^$";

    public static BrokerUser Service(string name) => new(name, ".*", ".*", ".*");

    /// <summary>A product service: hands over customer events, is told when there are withdrawals to fetch, and can read and declare nothing else.</summary>
    public static BrokerUser Product(string name) => new(name, Nothing, $"^{Topology.CustomerEvents}$", $"^{WithdrawalsFor(name)}$");

    /// <summary>The queue that tells a product service so.</summary>
    public static string WithdrawalsFor(string name) => $"{name}-withdrawals";

    public static BrokerUser Administrator(string name) => new(name, ".*", ".*", ".*", "administrator");
}
