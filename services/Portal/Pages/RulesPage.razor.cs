namespace Personalization.Portal.Pages;

/// <summary>How long data is kept.</summary>
/// <param name="Rules">The rules in force.</param>
/// <param name="Purposes">What people are asked: the names.</param>
public sealed record RulesModel(RetentionRules Rules, IReadOnlyList<Purpose> Purposes);

/// <summary>Retention rules.</summary>
public sealed partial class RulesPage
{
    private double Longest => Math.Max(1, Model.Rules.Rules.Max(rule => rule.KeepDays));

    private Purpose? Find(string id) => Model.Purposes.FirstOrDefault(purpose => purpose.Id == id);

    private string PurposeName(string id) => Find(id)?.NoticeIn(Visitor.Language).Title ?? id;

    private string CategoryName(RetentionRule rule) => Find(rule.Purpose)?.NameOf(rule.Category, Visitor.Language) ?? rule.Category;
}
