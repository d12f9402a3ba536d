using System.Text.Json.Serialization;
using Personalization.Contracts.Retention;
using Personalization.Platform.Storage;

namespace Personalization.Profile.Domain;

/// <summary>This service's copy of the retention rules.</summary>
public sealed record RetentionRules : IDocument
{
    /// <summary>The one id.</summary>
    public const string Only = "retention";

    // A rule that keeps for longer than any archive must not push a time past what a time can be.
    private const int LongestDays = 100 * 366;

    /// <summary>Before any were adopted: nothing may be stored.</summary>
    public static readonly RetentionRules None = new() { Version = 0, Rules = [] };

    /// <inheritdoc/>
    [JsonIgnore]
    public string Id => Only;

    /// <summary>The newest version adopted.</summary>
    public required long Version { get; init; }

    /// <summary>All of them.</summary>
    public required IReadOnlyList<RetentionRule> Rules { get; init; }

    /// <summary>When they were adopted, UTC; null where that was not written down.</summary>
    public DateTimeOffset? AdoptedAt { get; init; }

    /// <summary>The version that all stored data was last compared with.</summary>
    public long AppliedVersion { get; init; }

    /// <summary>Whether a rule counts from what people do later.</summary>
    [JsonIgnore]
    public bool CountsFromActivity => Rules.Any(rule => rule.From is RetentionStart.LastActivity or RetentionStart.PurposeReached);

    /// <summary>The rule for data of the category kept for the purpose, or null: then it isn't kept.</summary>
    public RetentionRule? RuleOf(string purpose, string category) => Rules.FirstOrDefault(rule => rule.Purpose == purpose && rule.Category == category);

    /// <summary>Of the rules for these purposes and the category, the one that freezes for longest; null: none does.</summary>
    public RetentionRule? LongestFreezing(string category, IEnumerable<string> purposes) =>
        purposes.Select(purpose => RuleOf(purpose, category)).Where(rule => rule?.FreezeDays is not null).MaxBy(rule => rule!.FreezeDays);

    /// <summary>How long data of the category is kept for the purpose from the rule's starting event, or null if nothing says so.</summary>
    public TimeSpan? KeepFor(string purpose, string category) =>
        RuleOf(purpose, category) is { } rule ? TimeSpan.FromDays(Math.Min(rule.KeepDays, LongestDays)) : null;
}
