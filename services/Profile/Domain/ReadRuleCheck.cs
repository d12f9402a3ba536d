using System.Text.RegularExpressions;
using Personalization.Contracts.Profile;
using Personalization.Platform.Http;

namespace Personalization.Profile.Domain;

/// <summary>What read rules have to be before they are taken.</summary>
internal static partial class ReadRuleCheck
{
    private const int MostRules = 200;

    // A person needs no rule to see their own, and services read nothing by them.
    private static readonly string[] Readers = [Roles.Auditor, Roles.Marketer, Roles.Officer, Roles.Operator, Roles.Product];

    /// <summary>What is wrong with rules, by their place in the list; empty if they can be used.</summary>
    public static IReadOnlyList<DeclarationError> Check(IReadOnlyList<ReadRule> rules)
    {
        var wrong = new List<DeclarationError>();
        if (rules.Count > MostRules) wrong.Add(new("rules", $"At most {MostRules} rules."));
        var seen = new HashSet<(string Role, string Purpose, ReadAccess Access)>();
        var spoken = new HashSet<(string Role, string Purpose, string Category)>();
        foreach (var (i, rule) in rules.Index())
        {
            if (!Readers.Contains(rule.Role)) wrong.Add(new($"rules[{i}].role", $"One of {string.Join(", ", Readers)}."));
            if (!Name().IsMatch(rule.Purpose)) wrong.Add(new($"rules[{i}].purpose", "A purpose's id is lower-case letters, digits and '-'."));
            if (rule.Categories.Count == 0 || !rule.Categories.All(category => Name().IsMatch(category)))
                wrong.Add(new($"rules[{i}].categories", "At least one category of data: lower-case letters, digits and '-'."));
            if (rule is { Role: Roles.Marketer, Access: null or ReadAccess.Allow }) wrong.Add(new($"rules[{i}].access", "A marketer sees counts, never a person: countsOnly or deny."));
            if (rule.IsDefault == true && rules.Take(i).Any(other => other.IsDefault == true && other.Role == rule.Role && other.Purpose != rule.Purpose))
                wrong.Add(new($"rules[{i}].isDefault", "A role has one default purpose."));
            if (!seen.Add((rule.Role, rule.Purpose, rule.Access ?? ReadAccess.Allow))) wrong.Add(new($"rules[{i}]", "Repeats the role, purpose and access of an earlier one."));
            else if (rule.Categories.Distinct().Any(category => !spoken.Add((rule.Role, rule.Purpose, category)))) wrong.Add(new($"rules[{i}].categories", "An earlier rule for the role and purpose says otherwise of one of them."));
        }

        return wrong;
    }

    [GeneratedRegex("^[a-z0-9-]{1,64}$", RegexOptions.NonBacktracking)]
    private static partial Regex Name();
}
