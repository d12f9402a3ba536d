namespace Personalization.Portal.Pages;

/// <summary>What is kept and not used.</summary>
/// <param name="Show"><c>all</c>, <c>standing</c> or <c>ended</c>.</param>
/// <param name="Holds">A page of legal holds.</param>
/// <param name="Restrictions">A page of the restrictions of use that stand.</param>
/// <param name="Purposes">What people are asked: the names.</param>
public sealed record HoldsModel(string Show, Items<LegalHold> Holds, Items<Restriction> Restrictions, IReadOnlyList<Purpose> Purposes);

/// <summary>What is kept and not used.</summary>
public sealed partial class HoldsPage
{
    private IEnumerable<(string Show, string Name)> Filters => [("all", Say("Все", "All")), ("standing", Say("Действуют", "Standing")), ("ended", Say("Снятые", "Ended"))];

    private string PurposeName(string id) => Model.Purposes.FirstOrDefault(purpose => purpose.Id == id)?.NoticeIn(Visitor.Language).Title ?? id;
}
