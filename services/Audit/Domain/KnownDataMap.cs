using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Personalization.Contracts.Audit;
using Personalization.Platform;
using Personalization.Platform.Privacy;
using Personalization.Platform.Security;
using Personalization.Platform.Storage;

namespace Personalization.Audit.Domain;

/// <summary>What a service announced last.</summary>
public sealed record KnownDataMap : IDocument
{
    /// <inheritdoc/>
    [JsonIgnore]
    public string Id => Announced.Participant;

    /// <summary>The announcement.</summary>
    public required DataMapAnnounced Announced { get; init; }

    /// <summary>
    /// Takes a newer announcement, whatever order they come in. The event tells what differs; null if only counts do.
    /// </summary>
    /// <returns>Null if this one is as new.</returns>
    public static (KnownDataMap Map, DataMapChanged? Changed)? Take(KnownDataMap? known, DataMapAnnounced announced)
    {
        if (known is not null && known.Announced.AnnouncedAt >= announced.AnnouncedAt) return null;
        IReadOnlyList<DataMapDifference> differences = known is null
            ? [new DataMapDifference { Of = "map", Kind = DifferenceKind.Added, Members = [] }]
            : [.. Differences(known.Announced.Unchanging(), announced.Unchanging())];
        return (new KnownDataMap { Announced = announced }, differences.Count == 0 ? null : new DataMapChanged
        {
            Participant = announced.Participant,
            ChangedAt = announced.AnnouncedAt,
            Differences = differences,
            Fingerprint = FingerprintOf(announced),
        });
    }

    /// <summary>What proves later what a map said (<see cref="DataMapChanged.Fingerprint"/>).</summary>
    public static string FingerprintOf(DataMapAnnounced map) => Convert.ToHexStringLower(SHA256.HashData(CanonicalJson.Of(map.Unchanging())));

    private static IEnumerable<DataMapDifference> Differences(DataMapAnnounced before, DataMapAnnounced after)
    {
        var old = before.Collections.ToDictionary(PlaceOf);
        var now = after.Collections.ToDictionary(PlaceOf);
        foreach (var place in old.Keys.Union(now.Keys).Order(StringComparer.Ordinal))
        {
            if (!old.TryGetValue(place, out var was)) yield return Of(place, DifferenceKind.Added);
            else if (!now.TryGetValue(place, out var current)) yield return Of(place, DifferenceKind.Removed);
            else if (Members(MembersOf(was), MembersOf(current)) is { Count: > 0 } members) yield return Of(place, DifferenceKind.Changed, members);
        }

        foreach (var part in Members(Json(before with { Collections = [] }), Json(after with { Collections = [] }))) yield return Of(part, DifferenceKind.Changed);
    }

    private static string PlaceOf(DataMapEntry entry) => $"{entry.Store}/{entry.Name}";

    private static DataMapDifference Of(string place, DifferenceKind kind, IReadOnlyList<string>? members = null) => new() { Of = place, Kind = kind, Members = members ?? [] };

    private static JsonObject MembersOf(DataMapEntry entry)
    {
        var members = Json(entry.Contents);
        members["encryption"] = entry.Encryption;
        return members;
    }

    private static List<string> Members(JsonObject before, JsonObject after) =>
        [.. before.Concat(after).Select(member => member.Key).Distinct().Where(name => !JsonNode.DeepEquals(before[name], after[name])).Order(StringComparer.Ordinal)];

    private static JsonObject Json<T>(T value) => JsonSerializer.SerializeToNode(value, Platform.Json.Options)!.AsObject();
}

/// <summary>A change of a service's map, as it was published.</summary>
public sealed record DataMapChange : IDocument
{
    /// <inheritdoc/>
    [JsonIgnore]
    public string Id => $"{Json.FormatTime(Changed.ChangedAt)}/{Changed.Participant}";

    /// <summary>The event.</summary>
    public required DataMapChanged Changed { get; init; }
}
