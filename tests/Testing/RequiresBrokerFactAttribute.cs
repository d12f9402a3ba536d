using Xunit;

namespace Personalization.Testing;

/// <summary>A fact that needs RabbitMQ; without it, it is skipped with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RequiresBrokerFactAttribute : FactAttribute
{
    /// <summary>Asks once whether there is a RabbitMQ; starts none.</summary>
    public RequiresBrokerFactAttribute() => Skip = RabbitServer.Unavailable;
}
