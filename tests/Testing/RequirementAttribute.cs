namespace Personalization.Testing;

/// <summary>On a class of <see cref="ContractFactAttribute"/>s: what they need that may be missing on this machine.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public abstract class RequirementAttribute : Attribute
{
    /// <summary>Why the requirement isn't met; null if it is.</summary>
    public abstract string? Unmet { get; }
}

/// <summary>The facts of this class need MongoDB.</summary>
public sealed class RequiresMongoAttribute : RequirementAttribute
{
    /// <inheritdoc/>
    public override string? Unmet => MongoServer.Unavailable;
}

/// <summary>The facts of this class need RabbitMQ.</summary>
public sealed class RequiresBrokerAttribute : RequirementAttribute
{
    /// <inheritdoc/>
    public override string? Unmet => RabbitServer.Unavailable;
}

/// <summary>The facts of this class need Docker Compose.</summary>
public sealed class RequiresComposeAttribute : RequirementAttribute
{
    /// <inheritdoc/>
    public override string? Unmet => ComposeProject.Unavailable;
}

/// <summary>The facts of this class need Prometheus.</summary>
public sealed class RequiresPrometheusAttribute : RequirementAttribute
{
    /// <inheritdoc/>
    public override string? Unmet => PrometheusServer.Unavailable;
}
