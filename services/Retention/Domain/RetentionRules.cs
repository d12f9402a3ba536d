using System.Text.Json.Serialization;
using Personalization.Contracts.Retention;
using Personalization.Platform.Storage;

namespace Personalization.Retention.Domain;

/// <summary>How long data is kept, per purpose and category. What no rule covers isn't stored by anyone.</summary>
public sealed record RetentionRules : IDocument
{
    /// <summary>The one id.</summary>
    public const string Only = "rules";

    /// <summary>The longest period that can be declared.</summary>
    public const int LongestDays = 3650;

    /// <summary>Before any were declared.</summary>
    public static readonly RetentionRules None = new();

    /// <inheritdoc/>
    [JsonIgnore]
    public string Id => Only;

    /// <summary>Rises by one with each change; 0 before the first.</summary>
    public long Version { get; init; }

    /// <summary>In the order of purpose and category.</summary>
    public IReadOnlyList<RetentionRule> Rules { get; init; } = [];

    /// <summary>What is wrong with the rules, by their place in the list; empty if they can be used.</summary>
    public static IReadOnlyList<string> Check(IReadOnlyList<RetentionRule> rules)
    {
        var wrong = new List<string>();
        var seen = new HashSet<(string Purpose, string Category)>();
        for (var i = 0; i < rules.Count; i++)
        {
            var rule = rules[i];
            if (string.IsNullOrWhiteSpace(rule.Purpose)) wrong.Add($"rules[{i}].purpose is empty.");
            if (string.IsNullOrWhiteSpace(rule.Category)) wrong.Add($"rules[{i}].category is empty.");
            if (rule.KeepDays is < 1 or > LongestDays) wrong.Add($"rules[{i}].keepDays is not 1 to {LongestDays}.");
            if (!seen.Add((rule.Purpose, rule.Category))) wrong.Add($"rules[{i}] repeats the purpose and category of an earlier one.");
        }

        return wrong;
    }

    /// <summary>Replaces all rules. Null if they are the same, in whatever order.</summary>
    public RetentionRules? Replace(IEnumerable<RetentionRule> rules)
    {
        RetentionRule[] ordered = [.. rules.OrderBy(rule => rule.Purpose, StringComparer.Ordinal).ThenBy(rule => rule.Category, StringComparer.Ordinal)];
        return ordered.SequenceEqual(Rules) ? null : new RetentionRules { Version = Version + 1, Rules = ordered };
    }

    /// <summary>What the services that store data are told.</summary>
    public RetentionRulesChanged Announcement() => new() { Version = Version, Rules = Rules };
}
