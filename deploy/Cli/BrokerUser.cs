using Personalization.Contracts;

namespace Personalization.Cli;

/// <summary>An account of the broker; its rights are regular expressions over the names of exchanges and queues.</summary>
internal sealed record BrokerUser(string Name, string Configure, string Write, string Read, params string[] Tags)
{
    public const string VirtualHost = "personalization";

    private const string Nothing = "^$";

    public static BrokerUser Service(string name) => new(name, ".*", ".*", ".*");

    /// <summary>A product service: hands over customer events and can neither read nor declare anything.</summary>
    public static BrokerUser Publisher(string name) => new(name, Nothing, $"^{Topology.CustomerEvents}$", Nothing);

    public static BrokerUser Administrator(string name) => new(name, ".*", ".*", ".*", "administrator");
}
