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

    /// <summary>Characters that a legal basis and the reason of a change may have.</summary>
    public const int LongestText = 500;

    /// <summary>Before any were declared.</summary>
    public static readonly RetentionRules None = new();

    /// <inheritdoc/>
    [JsonIgnore]
    public string Id => Only;

    /// <summary>Rises by one with each change; 0 before the first.</summary>
    public long Version { get; init; }

    /// <summary>In the order of purpose and category.</summary>
    public IReadOnlyList<RetentionRule> Rules { get; init; } = [];

    /// <summary>Who made this version, when and why; null where that was not written down.</summary>
    public RuleChange? Change { get; init; }

    /// <summary>What is wrong with the rules, by their place in the list; empty if they can be used.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="catalogue">What people are asked for. Each purpose and category of it needs a rule, and a rule is about nothing else.</param>
    public static IReadOnlyList<string> Check(IReadOnlyList<RetentionRule> rules, IReadOnlyList<DeclaredPurpose> catalogue)
    {
        var wrong = new List<string>();
        var seen = new HashSet<(string Purpose, string Category)>();
        for (var i = 0; i < rules.Count; i++)
        {
            var rule = rules[i];
            if (string.IsNullOrWhiteSpace(rule.Purpose)) wrong.Add($"rules[{i}].purpose is empty.");
            if (string.IsNullOrWhiteSpace(rule.Category)) wrong.Add($"rules[{i}].category is empty.");
            if (rule.LegalBasis is not null && (string.IsNullOrWhiteSpace(rule.LegalBasis) || rule.LegalBasis.Length > LongestText)) wrong.Add($"rules[{i}].legalBasis is not 1 to {LongestText} characters.");
            if (rule.FreezeDays is < 1 or > LongestDays) wrong.Add($"rules[{i}].freezeDays is not 1 to {LongestDays}.");
            else if (rule is { FreezeDays: not null, LegalBasis: null }) wrong.Add($"rules[{i}].legalBasis is missing: what is frozen is kept by a law, which has to be named.");
            if (rule.From == RetentionStart.ConsentEnded)
            {
                if (rule.KeepDays != 0) wrong.Add($"rules[{i}].keepDays is not 0: with the consent the data goes.");
            }
            else if (rule.KeepDays is < 1 or > LongestDays)
            {
                wrong.Add($"rules[{i}].keepDays is not 1 to {LongestDays}.");
            }

            if (!seen.Add((rule.Purpose, rule.Category))) wrong.Add($"rules[{i}] repeats the purpose and category of an earlier one.");
        }

        // What is wrong in itself needn't be looked for in the catalogue.
        if (wrong.Count > 0) return wrong;
        var pairs = catalogue.SelectMany(purpose => purpose.Categories.Select(category => (Purpose: purpose.Id, Category: category))).ToHashSet();
        wrong.AddRange(rules.Index().Where(rule => !pairs.Contains((rule.Item.Purpose, rule.Item.Category)))
            .Select(rule => $"rules[{rule.Index}]: no purpose asks for that category."));
        wrong.AddRange(pairs.Except(seen).Order().Select(pair => $"There is no rule for purpose '{pair.Purpose}' and category '{pair.Category}'."));
        return wrong;
    }

    /// <summary>Replaces all rules. Null if they are the same, in whatever order.</summary>
    public RetentionRules? Replace(IEnumerable<RetentionRule> rules, RuleChange change)
    {
        RetentionRule[] ordered = [.. rules.Select(rule => rule.From == RetentionStart.Collected ? rule with { From = null } : rule).OrderBy(rule => rule.Purpose, StringComparer.Ordinal).ThenBy(rule => rule.Category, StringComparer.Ordinal)];
        return ordered.SequenceEqual(Rules) ? null : new RetentionRules { Version = Version + 1, Rules = ordered, Change = change };
    }

    /// <summary>What the services that store data are told.</summary>
    public RetentionRulesChanged Announcement() => new() { Version = Version, Rules = Rules };
}

/// <summary>Who changed the rules, when and why.</summary>
/// <param name="Role">The caller's.</param>
/// <param name="By">A keyed hash of who it was, as the log of reads has it.</param>
/// <param name="At">UTC.</param>
/// <param name="Reason">In their words.</param>
public sealed record RuleChange(string Role, string By, DateTimeOffset At, string Reason);

/// <summary>A purpose of the catalogue, as far as it matters here.</summary>
/// <param name="Id">The purpose.</param>
/// <param name="Categories">What people are asked for.</param>
/// <param name="Type">What kind of purpose it is.</param>
public sealed record DeclaredPurpose(string Id, IReadOnlyList<string> Categories, string? Type = null);
