using Xunit;

namespace Personalization.Testing;

/// <summary>A theory that starts a container of its own; without Docker, it is skipped with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RequiresDockerTheoryAttribute : TheoryAttribute
{
    /// <summary>Asks once whether a Docker engine answers.</summary>
    public RequiresDockerTheoryAttribute() => Skip = MongoServer.ContainersUnavailable;
}
