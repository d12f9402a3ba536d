using System.Text.Json;
using System.Text.Json.Serialization;
using Personalization.Platform;
using Personalization.Platform.Storage;

namespace Personalization.Profile.Domain;

/// <summary>
/// What a legal hold keeps of something that had to be erased: moved here, apart from all that is used, and under a key of its own, so that the epoch's key
/// can go. Nothing reads it but what erases it once no hold covers it any more.
/// </summary>
public sealed record HeldDatum : ISubjectDocument
{
    /// <summary>The name of its key, and of why it is kept.</summary>
    public const string Rule = "legal-hold";

    /// <inheritdoc/>
    [JsonIgnore]
    public string Id => $"{Store}/{Place}";

    /// <inheritdoc/>
    [JsonIgnore]
    public DataKeyId? DataKey => new(SubjectRef, Epoch, Rule);

    /// <summary>The collection it was in.</summary>
    public required string Store { get; init; }

    /// <summary>What it was there, and the first field of it that this is: a field goes once.</summary>
    public required string Place { get; init; }

    /// <summary>The subject's pseudonym.</summary>
    public required string SubjectRef { get; init; }

    /// <summary>The epoch it was collected in.</summary>
    public required int Epoch { get; init; }

    /// <summary>Its category of data.</summary>
    public required string Category { get; init; }

    /// <summary>What it was collected for.</summary>
    public required IReadOnlyList<string> Purposes { get; init; }

    /// <summary>What was erased, as it was.</summary>
    public required JsonElement Content { get; init; }

    /// <summary>Whether an erasure case waits for its end: then the case erases it and counts it; otherwise it goes when the hold ends.</summary>
    public required bool IsOfCase { get; init; }

    /// <summary>What holds cover of a datum's fields that are to go, by category.</summary>
    public static IReadOnlyList<HeldDatum> Of(ProfileDatum datum, IReadOnlyList<ProfileField> going, KnownLegalHolds holds, bool isOfCase) =>
    [
        .. going.Where(field => holds.On(field.Category, field.Purposes).Count > 0).GroupBy(field => field.Category).Select(held => new HeldDatum
        {
            Store = "profile_data",
            Place = $"{datum.Id}/{held.First().Name}",
            SubjectRef = datum.SubjectRef,
            Epoch = datum.Epoch,
            Category = held.Key,
            Purposes = [.. held.SelectMany(field => field.Purposes).Distinct().Order(StringComparer.Ordinal)],
            Content = JsonSerializer.SerializeToElement(datum with { Fields = [.. held] }, Json.Options),
            IsOfCase = isOfCase,
        }),
    ];

    /// <summary>The same of a contact that is to go; null if no hold covers it.</summary>
    public static HeldDatum? Of(ContactEntry entry, KnownLegalHolds holds, bool isOfCase) => holds.On(entry.Category, entry.Purposes).Count == 0 ? null : new HeldDatum
    {
        Store = "contact_entries",
        Place = $"{entry.Id}/{Json.FormatNumber(entry.StoredAt.UtcTicks)}",
        SubjectRef = entry.SubjectRef,
        Epoch = entry.Epoch,
        Category = entry.Category,
        Purposes = entry.Purposes,
        Content = JsonSerializer.SerializeToElement(entry, Json.Options),
        IsOfCase = isOfCase,
    };
}
