using Xunit;

namespace Personalization.Testing;

/// <summary>A fact that needs MongoDB; without it, it is skipped with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RequiresMongoFactAttribute : FactAttribute
{
    /// <summary>Asks once whether there is a MongoDB; starts none.</summary>
    public RequiresMongoFactAttribute() => Skip = MongoServer.Unavailable;
}
