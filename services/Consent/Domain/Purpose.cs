using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Domain;

/// <summary>What a purpose is about. One purpose has one type: agreeing to two aims takes two decisions (152-FZ art. 9).</summary>
public enum PurposeType
{
    /// <summary>Offers chosen for the person.</summary>
    Personalization,

    /// <summary>Making the service better.</summary>
    ServiceImprovement,

    /// <summary>Messages that advertise.</summary>
    Marketing,

    /// <summary>Passing data on to third parties; what a Global Privacy Control signal is about.</summary>
    Sharing,

    /// <summary>Providing the service itself.</summary>
    Service,
}

/// <summary>What becomes of a grant whose notice changed materially.</summary>
public enum MaterialChangePolicy
{
    /// <summary>It stays valid; the person is asked again.</summary>
    Keep,

    /// <summary>It lapses, with the cascade of a revocation, unless the person agrees to the new notice in time.</summary>
    Lapse,
}

/// <summary>Why data is used, in words a person can decide on.</summary>
public sealed record Purpose : IDocument
{
    /// <summary>The lawful basis that this service decides on.</summary>
    public const string ConsentBasis = "consent";

    /// <inheritdoc/>
    public required string Id { get; init; }

    /// <summary>What it is about.</summary>
    public PurposeType Type { get; init; }

    /// <summary>One of GDPR art. 6(1), <c>consent</c> for example; a purpose with another basis is told of and not decided here.</summary>
    public required string LawfulBasis { get; init; }

    /// <summary>The service can't be given without it; such a purpose is never based on consent.</summary>
    public bool IsConditionOfService { get; init; }

    /// <summary>Categories of data it uses.</summary>
    public required IReadOnlyList<string> Categories { get; init; }

    /// <summary>What people are told the categories are, by category and language; one without a name goes by its id.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> CategoryNames { get; init; } = new Dictionary<string, IReadOnlyDictionary<string, string>>();

    /// <summary>Those of the categories that the law protects more (special categories, biometrics).</summary>
    public IReadOnlyList<string> SensitiveCategories { get; init; } = [];

    /// <summary>Who receives the data.</summary>
    public IReadOnlyList<string> Recipients { get; init; } = [];

    /// <summary>Who processes it on the operator's behalf.</summary>
    public IReadOnlyList<string> Processors { get; init; } = [];

    /// <summary>Countries where it is stored, ISO 3166-1 alpha-2.</summary>
    public IReadOnlyList<string> StorageLocations { get; init; } = [];

    /// <summary>Countries whose law applies, ISO 3166-1 alpha-2.</summary>
    public IReadOnlyList<string> Jurisdictions { get; init; } = [];

    /// <summary>Where the periods of keeping are written down.</summary>
    public string RetentionReference { get; init; } = "/retention-rules";

    /// <summary>What the person gets for openness, if anything; never the service itself.</summary>
    public Reward? Reward { get; init; }

    /// <summary>Days a grant is valid; null: until withdrawn.</summary>
    public int? ValidDays { get; init; }

    /// <summary>What becomes of grants when the notice changes materially.</summary>
    public MaterialChangePolicy OnMaterialChange { get; init; }

    /// <summary>Under <see cref="MaterialChangePolicy.Lapse"/>: days to agree anew. 0: the grant lapses at once.</summary>
    public int RenewWithinDays { get; init; }

    /// <summary>An earlier declaration limited grants, so some of them may still end by themselves.</summary>
    public bool LimitedBefore { get; init; }

    /// <summary>The current version of the notices; decisions are made on this one.</summary>
    public required int NoticeVersion { get; init; }

    /// <summary>Whether the current version changed what people are asked; false for better words for the same.</summary>
    public bool MaterialChange { get; init; } = true;

    /// <summary>The newest version that changed what people are asked: who decided on an older one should be asked again.</summary>
    public int MaterialVersion { get; init; } = 1;

    /// <summary>The current texts, one per language.</summary>
    public required IReadOnlyList<Notice> Notices { get; init; }

    /// <summary>Whether people decide on it here.</summary>
    [JsonIgnore]
    public bool IsConsentBased => LawfulBasis == ConsentBasis;

    /// <summary>Whether a grant may end without anybody's decision.</summary>
    [JsonIgnore]
    public bool GrantsMayEnd => LimitedBefore || ValidDays is not null || OnMaterialChange == MaterialChangePolicy.Lapse;

    /// <summary>The notice in that language, or null.</summary>
    public Notice? NoticeIn(string language) => Notices.FirstOrDefault(notice => notice.Language == language);

    /// <summary>Whether a person is told the same by both.</summary>
    public bool AsksTheSameAs(Purpose other) =>
        !TakesMoreThan(other) && !other.TakesMoreThan(this) && Notices.SequenceEqual(other.Notices) && RetentionReference == other.RetentionReference
        && Names(CategoryNames).SetEquals(Names(other.CategoryNames));

    /// <summary>What a person is told the category is.</summary>
    public string NameOf(string category, string language) => CategoryNames.GetValueOrDefault(category)?.GetValueOrDefault(language) ?? category.Replace('-', ' ');

    /// <summary>Whether it uses data for more, or in more hands or places, than the other: that is never only a matter of words.</summary>
    public bool TakesMoreThan(Purpose other) =>
        Type != other.Type
        || LawfulBasis != other.LawfulBasis
        || Categories.Except(other.Categories).Any()
        || SensitiveCategories.Except(other.SensitiveCategories).Any()
        || Recipients.Except(other.Recipients).Any()
        || Processors.Except(other.Processors).Any()
        || StorageLocations.Except(other.StorageLocations).Any()
        || Jurisdictions.Except(other.Jurisdictions).Any();

    private static HashSet<(string Category, string Language, string Name)> Names(IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> names) =>
        [.. names.SelectMany(category => category.Value.Select(name => (category.Key, name.Key, name.Value)))];
}

/// <summary>What a person is told, in one language.</summary>
/// <param name="Language">BCP 47, <c>ru</c> or <c>en</c>.</param>
/// <param name="Title">A few words.</param>
/// <param name="Text">Plain language.</param>
/// <param name="Sha256">Lower-case hex SHA-256 of title, line feed, text in UTF-8: what a decision refers to.</param>
public sealed record Notice(string Language, string Title, string Text, string Sha256)
{
    /// <summary>A notice with its hash.</summary>
    public static Notice Of(string language, string title, string text) =>
        new(language, title, text, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{title}\n{text}"))));
}

/// <summary>A thank-you for openness: given once per person, kept after a revocation, never required for anything.</summary>
/// <param name="Id">Its id; the same reward of two purposes is given once.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Titles">What it is called, by language.</param>
public sealed record Reward(string Id, RewardKind Kind, IReadOnlyDictionary<string, string> Titles);

/// <summary>Kinds of rewards.</summary>
public enum RewardKind
{
    /// <summary>A code, of the person's own, for a discount.</summary>
    DiscountCode,

    /// <summary>New things earlier than others.</summary>
    EarlyAccess,

    /// <summary>Something besides the service.</summary>
    ExtraService,
}

/// <summary>A purpose as it was when a version of its notices was published: what decisions on that version were made on. Never changed, never deleted.</summary>
public sealed record PurposeVersion : IDocument
{
    /// <inheritdoc/>
    [JsonIgnore]
    public string Id => IdOf(Purpose.Id, Purpose.NoticeVersion);

    /// <summary>The purpose, with the texts.</summary>
    public required Purpose Purpose { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset PublishedAt { get; init; }

    /// <summary>The place of a version.</summary>
    public static string IdOf(string purpose, int version) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{purpose}/{version:D6}");
}

/// <summary>A material change of a notice on its way to everybody who agreed to an older version.</summary>
public sealed record NoticeChange : IDocument
{
    /// <summary>The purpose: a newer change replaces an older one.</summary>
    public required string Id { get; init; }

    /// <summary>The version that has to be agreed to.</summary>
    public required int NoticeVersion { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset PublishedAt { get; init; }

    /// <summary>When grants on older versions lapse, UTC. Null: they stay valid.</summary>
    public DateTimeOffset? RenewBy { get; init; }

    /// <summary>When this pass over the records began, UTC.</summary>
    public required DateTimeOffset PassStartedAt { get; init; }

    /// <summary>The subject this pass has come to.</summary>
    public string? Through { get; init; }
}
