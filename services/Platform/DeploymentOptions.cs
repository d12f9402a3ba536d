using System.ComponentModel.DataAnnotations;

namespace Personalization.Platform;

/// <summary>The one deployed list, the same for every service (section <c>Deployment</c>).</summary>
public sealed record DeploymentOptions
{
    /// <summary>Services that serve from personal data. A revocation is answered with 200 once all of them applied it. Default: profile, recommendation.</summary>
    [MinLength(1)]
    public IReadOnlyList<string> ServingServices { get; init; } = [];

    /// <summary>Services that hold personal data. An erasure case closes with the receipt of the last of them. Default: audit, consent, profile, recommendation.</summary>
    [MinLength(1)]
    public IReadOnlyList<string> Participants { get; init; } = [];

    /// <summary>
    /// Collections that a service starts with although it doesn't declare them: what a newer version made, when it has to be taken back. No erasure
    /// reaches them and the data map doesn't show them. Default: none.
    /// </summary>
    public IReadOnlyList<string> UnclaimedCollections { get; init; } = [];
}
