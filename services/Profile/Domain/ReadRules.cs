using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Personalization.Contracts.Profile;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Profile.Domain;

/// <summary>Who may read what of a person and what for. What no rule allows, nobody may but the person.</summary>
public sealed partial record ReadRules : IDocument
{
    /// <summary>The one id.</summary>
    public const string Only = "rules";

    /// <summary>Before any were declared: nobody reads anything.</summary>
    public static readonly ReadRules None = new();

    private const int MostRules = 200;

    // A marketer sees segments and counts, never a person; an auditor the log, which names nobody; a subject needs no rule to see their own.
    private static readonly string[] Readers = [Roles.Officer, Roles.Operator, Roles.Product];

    /// <inheritdoc/>
    [JsonIgnore]
    public string Id => Only;

    /// <summary>Rises by one with each change; 0 before the first.</summary>
    public long Version { get; init; }

    /// <summary>In the order of role and purpose.</summary>
    public IReadOnlyList<ReadRule> Rules { get; init; } = [];

    /// <summary>What is wrong with rules, by their place in the list; empty if they can be used.</summary>
    public static IReadOnlyList<DeclarationError> Check(IReadOnlyList<ReadRule> rules)
    {
        var wrong = new List<DeclarationError>();
        if (rules.Count > MostRules) wrong.Add(new("rules", $"At most {MostRules} rules."));
        var seen = new HashSet<(string Role, string Purpose)>();
        foreach (var (i, rule) in rules.Index())
        {
            if (!Readers.Contains(rule.Role)) wrong.Add(new($"rules[{i}].role", $"One of {string.Join(", ", Readers)}."));
            if (!Name().IsMatch(rule.Purpose)) wrong.Add(new($"rules[{i}].purpose", "A purpose's id is lower-case letters, digits and '-'."));
            if (rule.Categories.Count == 0 || !rule.Categories.All(category => Name().IsMatch(category)))
                wrong.Add(new($"rules[{i}].categories", "At least one category of data: lower-case letters, digits and '-'."));
            if (!seen.Add((rule.Role, rule.Purpose))) wrong.Add(new($"rules[{i}]", "Repeats the role and purpose of an earlier one."));
        }

        return wrong;
    }

    /// <summary>Replaces all rules. Null if they are the same, in whatever order.</summary>
    public ReadRules? Replace(IEnumerable<ReadRule> rules)
    {
        ReadRule[] ordered =
        [
            .. rules.Select(rule => rule with { Categories = [.. rule.Categories.Distinct().Order(StringComparer.Ordinal)] })
                .OrderBy(rule => rule.Role, StringComparer.Ordinal).ThenBy(rule => rule.Purpose, StringComparer.Ordinal),
        ];
        return Text(ordered).SequenceEqual(Text(Rules)) ? null : new ReadRules { Version = Version + 1, Rules = ordered };

        static IEnumerable<string> Text(IEnumerable<ReadRule> of) => of.Select(rule => $"{rule.Role} {rule.Purpose} {string.Join(' ', rule.Categories)}");
    }

    /// <summary>Decides on a read: by the rules for the role, then by what the person consents to.</summary>
    /// <param name="role">The caller's role.</param>
    /// <param name="isNamed">Whether the token says who the caller is.</param>
    /// <param name="purpose">The purpose of use, as the caller named it.</param>
    /// <param name="gate">The person's consent.</param>
    /// <param name="now">The current time.</param>
    public ReadDecision Decide(string role, bool isNamed, string? purpose, SubjectGate gate, DateTimeOffset now)
    {
        // What no rule names may be anything, somebody's name too, and goes nowhere.
        var known = Rules.Any(rule => rule.Purpose == purpose) ? purpose : null;
        if (!isNamed) return new ReadDecision(known, [], ReadDecision.ReaderUnknown);
        if (string.IsNullOrEmpty(purpose)) return new ReadDecision(null, [], ReadDecision.PurposeRequired);
        if (Rules.FirstOrDefault(rule => rule.Role == role && rule.Purpose == purpose) is not { } allowed) return new ReadDecision(known, [], ReadDecision.PurposeNotAllowed);
        string[] consented = [.. allowed.Categories.Where(category => gate.Permits(purpose, category, DateTimeOffset.MaxValue, null, now))];
        return new ReadDecision(purpose, consented, consented.Length == 0 ? ReadDecision.NoConsent : null);
    }

    [GeneratedRegex("^[a-z0-9-]{1,64}$", RegexOptions.NonBacktracking)]
    private static partial Regex Name();
}

/// <summary>What became of a wish to read.</summary>
/// <param name="Purpose">The purpose of use; null if none was named that a rule knows.</param>
/// <param name="Categories">What may be shown for it.</param>
/// <param name="Refusal">Why nothing is, a stable word; null if something may be.</param>
public sealed record ReadDecision(string? Purpose, IReadOnlyList<string> Categories, string? Refusal)
{
    /// <summary>The token doesn't say who reads.</summary>
    public const string ReaderUnknown = "reader-unknown";

    /// <summary>No purpose was named.</summary>
    public const string PurposeRequired = "purpose-required";

    /// <summary>No rule lets the role read for the purpose.</summary>
    public const string PurposeNotAllowed = "purpose-not-allowed";

    /// <summary>The person doesn't consent to the purpose, for none of the categories the role may read.</summary>
    public const string NoConsent = "no-consent";

    /// <summary>Whether data of the category, kept for these purposes, may be shown.</summary>
    public bool Shows(string category, IReadOnlyList<string> purposes) => Refusal is null && Categories.Contains(category) && purposes.Contains(Purpose!);
}
