using System.Text.Json;
using System.Text.Json.Serialization;
using Personalization.Platform;
using Personalization.Platform.Storage;

namespace Personalization.Profile.Domain;

/// <summary>
/// What the law keeps of something that had to be erased, by a legal hold or by a retention rule that freezes: moved here, apart from all that is used, and under a key of its own, so that the
/// epoch's key can go. Nothing reads it but what erases it once nothing keeps it any more.
/// </summary>
public sealed record HeldDatum : ISubjectDocument
{
    /// <summary>The name of its key.</summary>
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

    /// <summary>Whether an erasure case waits for the end of the hold: then the case erases it and counts it; otherwise it goes when nothing keeps it any more.</summary>
    public required bool IsOfCase { get; init; }

    /// <summary>From when a retention rule keeps it, UTC; null: none does.</summary>
    public DateTimeOffset? FrozenSince { get; init; }

    /// <summary>Until when a retention rule keeps it, UTC; null: none does.</summary>
    public DateTimeOffset? FrozenUntil { get; init; }

    /// <summary>The law by which the rule does.</summary>
    public string? LegalBasis { get; init; }

    /// <summary>Whether it is told of as erased: nothing keeps it, and row and key are about to go. Then it goes, readable or not, and is not told of again.</summary>
    public bool IsTold { get; init; }

    /// <summary>By rules that freeze it for a shorter time, or no longer; never for a longer one.</summary>
    public HeldDatum ShortenedBy(RetentionRules rules)
    {
        if (FrozenSince is not { } since) return this;
        var until = since.AddDays(rules.LongestFreezing(Category, Purposes)?.FreezeDays ?? 0);
        return until < FrozenUntil ? this with { FrozenUntil = until } : this;
    }

    /// <summary>Whether a retention rule keeps it now.</summary>
    public bool IsFrozen(DateTimeOffset now) => FrozenUntil > now;

    /// <summary>What the law keeps of a datum that goes, or that loses purposes.</summary>
    /// <param name="datum">As it was.</param>
    /// <param name="kept">What stays of it in use; null: nothing.</param>
    /// <param name="keeping">What the law keeps.</param>
    /// <param name="isOfCase">Whether an erasure case takes it.</param>
    public static IReadOnlyList<HeldDatum> Of(ProfileDatum datum, ProfileDatum? kept, LegalKeeping keeping, bool isOfCase) =>
    [
        .. from field in datum.Fields
           let stays = kept?.Fields.FirstOrDefault(left => left.Name == field.Name)
           let gone = field with { Purposes = [.. field.Purposes.Except(stays?.Purposes ?? [])] }
           let kind = keeping.Of(field.Category, gone.Purposes, isWhole: stays is null)
           where gone.Purposes.Count > 0 && kind.Keeps

           // A field goes once; each of its purposes too.
           group gone by (field.Category, kind, Part: stays is null ? "" : "/" + string.Join('+', gone.Purposes)) into held
           select new HeldDatum
           {
               Store = "profile_data",
               Place = $"{datum.Id}/{held.First().Name}{held.Key.Part}",
               SubjectRef = datum.SubjectRef,
               Epoch = datum.Epoch,
               Category = held.Key.Category,
               Purposes = [.. held.SelectMany(field => field.Purposes).Distinct().Order(StringComparer.Ordinal)],
               Content = JsonSerializer.SerializeToElement(datum with { Fields = [.. held] }, Json.Options),
               IsOfCase = isOfCase && held.Key.kind.IsOnHold,
               FrozenSince = held.Key.kind.FrozenSince,
               FrozenUntil = held.Key.kind.FrozenUntil,
               LegalBasis = held.Key.kind.LegalBasis,
           },
    ];

    /// <summary>The same of a contact; null if nothing keeps it.</summary>
    public static HeldDatum? Of(ContactEntry entry, ContactEntry? kept, LegalKeeping keeping, bool isOfCase)
    {
        string[] gone = [.. entry.Purposes.Except(kept?.Purposes ?? [])];
        if (gone.Length == 0 || keeping.Of(entry.Category, gone, isWhole: kept is null) is not { Keeps: true } kind) return null;
        return new HeldDatum
        {
            Store = "contact_entries",
            Place = $"{entry.Id}/{Json.FormatNumber(entry.StoredAt.UtcTicks)}{(kept is null ? "" : "/" + string.Join('+', gone))}",
            SubjectRef = entry.SubjectRef,
            Epoch = entry.Epoch,
            Category = entry.Category,
            Purposes = gone,
            Content = JsonSerializer.SerializeToElement(entry with { Purposes = gone }, Json.Options),
            IsOfCase = isOfCase && kind.IsOnHold,
            FrozenSince = kind.FrozenSince,
            FrozenUntil = kind.FrozenUntil,
            LegalBasis = kind.LegalBasis,
        };
    }
}
