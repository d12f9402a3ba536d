namespace Personalization.Contracts.Recommendation;

/// <summary>
/// Published by each instance of Recommendation once a minute, and when it stops: what it decided in its answers since it told last, in numbers.
/// Names nobody. An instance that dies untold takes at most its last minute with it; a message told twice has the same
/// times and model versions.
/// </summary>
public sealed record RecommendationsAnswered
{
    /// <summary>The first answer may be as old as this, UTC.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>All later answers are told of later, UTC.</summary>
    public required DateTimeOffset Until { get; init; }

    /// <summary>Answers, by what they were made from.</summary>
    public required IReadOnlyList<AnswersCounted> Answers { get; init; }
}

/// <summary>Answers that were made from the same.</summary>
public sealed record AnswersCounted
{
    /// <summary>Where they were to be shown.</summary>
    public required string Placement { get; init; }

    /// <summary>The model that answered; its first part is the instance's.</summary>
    public required string ModelVersion { get; init; }

    /// <summary>Whether they were personalized, or why not.</summary>
    public required AnswerOutcome Outcome { get; init; }

    /// <summary>How many.</summary>
    public required long Count { get; init; }

    /// <summary>The least of the consent versions that permitted them. Null unless personalized, and where so few answers are counted that it could be one person's.</summary>
    public long? ConsentVersionFrom { get; init; }

    /// <summary>The greatest of them. Null where the least is.</summary>
    public long? ConsentVersionTo { get; init; }

    /// <summary>The reasons that were given for their items.</summary>
    public required IReadOnlyList<ReasonsCounted> Reasons { get; init; }
}

/// <summary>Reasons of one kind.</summary>
public sealed record ReasonsCounted
{
    /// <summary>The kind.</summary>
    public required ReasonCode Code { get; init; }

    /// <summary>How many.</summary>
    public required long Count { get; init; }
}

/// <summary>Whether an answer was made from the person's own data.</summary>
public enum AnswerOutcome
{
    /// <summary>It was, and they permitted it.</summary>
    Personalized,

    /// <summary>They permit nothing for the purpose, or are not known.</summary>
    NoConsent,

    /// <summary>They permit it, and nothing that may be used speaks for any item.</summary>
    NothingUsable,

    /// <summary>The instance could not be sure of anybody's consent.</summary>
    ConsentUncertain,

    /// <summary>The instance had no model yet.</summary>
    NoModel,
}

/// <summary>Why an item was recommended.</summary>
public enum ReasonCode
{
    /// <summary>Something that the person did speaks for it.</summary>
    OwnSignal,

    /// <summary>It was chosen by chance.</summary>
    Chance,

    /// <summary>Many people like it.</summary>
    LikedByMany,

    /// <summary>It is in the catalogue.</summary>
    Catalogue,
}
