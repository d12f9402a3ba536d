using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Personalization.Platform.Storage;

namespace Personalization.Profile.Domain;

/// <summary>A product service that holds copies of its own. It is told whom to erase, and a case waits for its receipt. Sealed for the secrets in it; it is about nobody.</summary>
public sealed partial record Participant : ISubjectDocument
{
    /// <inheritdoc/>
    [JsonIgnore]
    public string Id => Name;

    /// <inheritdoc/>
    [JsonIgnore]
    public DataKeyId? DataKey => new("participants", 1);

    /// <summary>As it is registered.</summary>
    public required string Name { get; init; }

    /// <summary>Where it is told.</summary>
    public required Uri Url { get; init; }

    /// <summary>What signs both ways: the secret in use and, while it changes, the one before.</summary>
    public required IReadOnlyList<string> Secrets { get; init; }

    /// <summary>A processor that takes erasures by OpenDSR instead of a webhook, and then has no secrets here; null: a webhook.</summary>
    public OpenDsrProcessor? OpenDsr { get; init; }

    /// <summary>When it was registered as it is, UTC.</summary>
    public required DateTimeOffset RegisteredAt { get; init; }

    /// <summary>Whether a participant can have the name.</summary>
    public static bool IsName(string name) => Word().IsMatch(name);

    /// <summary>Whether nothing but the time differs.</summary>
    public bool SaysTheSameAs(Participant other) => Url == other.Url && Secrets.SequenceEqual(other.Secrets)
        && (OpenDsr is null || other.OpenDsr is null ? OpenDsr is null && other.OpenDsr is null : OpenDsr.SaysTheSameAs(other.OpenDsr));

    [GeneratedRegex("^[a-z0-9][a-z0-9-]{0,63}$", RegexOptions.NonBacktracking)]
    private static partial Regex Word();
}
