namespace Personalization.Portal.Pages;

/// <summary>How long data is kept.</summary>
/// <param name="Rules">The rules in force.</param>
/// <param name="Purposes">What people are asked: the names.</param>
public sealed record RulesModel(RetentionRules Rules, IReadOnlyList<Purpose> Purposes);

/// <summary>Changing the rules.</summary>
/// <param name="Form">What was written so far.</param>
/// <param name="Purposes">What people are asked: the names.</param>
/// <param name="Problem">Why that can't be used.</param>
public sealed record RulesFormModel(Features.RulesForm Form, IReadOnlyList<Purpose> Purposes, string? Problem);

/// <summary>What other rules would do.</summary>
/// <param name="Form">What was written.</param>
/// <param name="Rules">The same as rules.</param>
/// <param name="InForce">Those in force.</param>
/// <param name="Purposes">What people are asked: the names.</param>
/// <param name="Preview">Whose data would be erased, in numbers.</param>
public sealed record RulesPreviewModel(Features.RulesForm Form, IReadOnlyList<RetentionRule> Rules, RetentionRules InForce, IReadOnlyList<Purpose> Purposes, RulesPreview Preview);

/// <summary>Retention rules.</summary>
public sealed partial class RulesPage
{
    private double Longest => Math.Max(1, Model.Rules.Rules.Max(rule => rule.KeepDays));

    private Purpose? Find(string id) => Model.Purposes.FirstOrDefault(purpose => purpose.Id == id);

    private string PurposeName(string id) => Find(id)?.NoticeIn(Visitor.Language).Title ?? id;

    private string CategoryName(RetentionRule rule) => Find(rule.Purpose)?.NameOf(rule.Category, Visitor.Language) ?? rule.Category;
}
