using System.Text.Json.Serialization;
using Personalization.Platform;
using Personalization.Platform.Storage;

namespace Personalization.Retention.Domain;

/// <summary>Rules as they once were: by which ones something was kept, or erased, stays readable.</summary>
public sealed record RetentionRulesVersion : IDocument
{
    /// <inheritdoc/>
    [JsonIgnore]
    public string Id => IdOf(Rules.Version);

    /// <summary>The rules of the version.</summary>
    public required RetentionRules Rules { get; init; }

    /// <summary>Listing, the newest first.</summary>
    [JsonIgnore]
    public string NewestFirst => OrderOf(Rules.Version);

    /// <summary>Where a version is.</summary>
    public static string IdOf(long version) => Json.FormatNumber(version);

    /// <summary>Its place in the listing.</summary>
    public static string OrderOf(long version) => Json.FormatNumber(long.MaxValue - version);
}
