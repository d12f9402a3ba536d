using System.Text.Json.Serialization;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Domain;

/// <summary>A reward that a person was given. Its place is the subject and the reward, so there is never a second one; it outlives revocations and erasures.</summary>
public sealed record RewardGrant : ISubjectDocument
{
    /// <summary>The rule that keeps it after an erasure.</summary>
    public const string Rule = "reward";

    /// <inheritdoc/>
    [JsonIgnore]
    public string Id => IdOf(SubjectRef, RewardId);

    /// <summary><c>rw_</c> and 16 random bytes.</summary>
    public required string GrantId { get; init; }

    /// <summary>The subject's pseudonym.</summary>
    public required string SubjectRef { get; init; }

    /// <summary>The epoch it was given in.</summary>
    public required int Epoch { get; init; }

    /// <summary>The reward's id.</summary>
    public required string RewardId { get; init; }

    /// <summary>What it is.</summary>
    public required RewardKind Kind { get; init; }

    /// <summary>The purpose whose grant earned it.</summary>
    public required string Purpose { get; init; }

    /// <summary>What it is redeemed with, for a discount.</summary>
    public string? Code { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset GrantedAt { get; init; }

    /// <summary>When everything else of its epoch was erased, UTC: from then on its time of keeping runs, unless the person comes back.</summary>
    public DateTimeOffset? LeftAt { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public DataKeyId? DataKey => new DataKeyId(SubjectRef, Epoch, Rule);

    /// <summary>The place of a subject's reward.</summary>
    public static string IdOf(string subjectRef, string rewardId) => $"{subjectRef}/{rewardId}";

    /// <summary>Not less than the place of any reward of the subject; less than those of others.</summary>
    public static string Last(string subjectRef) => IdOf(subjectRef, "~");
}
