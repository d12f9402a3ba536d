using System.Globalization;
using System.Text.Json.Serialization;
using Personalization.Platform.Storage;

namespace Personalization.Profile.Domain;

/// <summary>A declaration as it once was: what people were told was collected then stays readable.</summary>
public sealed record EventTypeVersion : IDocument
{
    /// <inheritdoc/>
    [JsonIgnore]
    public string Id => IdOf(Declared.Type, Declared.Version);

    /// <summary>The declaration.</summary>
    public required EventType Declared { get; init; }

    /// <summary>From when on it held, UTC.</summary>
    public required DateTimeOffset DeclaredAt { get; init; }

    /// <summary>Where a version is.</summary>
    public static string IdOf(string type, int version) => string.Create(CultureInfo.InvariantCulture, $"{type}@{version}");
}
