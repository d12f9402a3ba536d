using Xunit;

namespace Personalization.Testing;

/// <summary>A fact that starts a container of its own; without Docker, it is skipped with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RequiresDockerFactAttribute : FactAttribute
{
    /// <summary>Asks once whether a Docker engine answers.</summary>
    public RequiresDockerFactAttribute() => Skip = MongoServer.ContainersUnavailable;
}
