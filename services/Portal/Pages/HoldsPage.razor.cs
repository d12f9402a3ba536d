namespace Personalization.Portal.Pages;

/// <summary>What is kept and not used.</summary>
/// <param name="Holds">Legal holds.</param>
/// <param name="Restrictions">Restrictions of use that stand.</param>
public sealed record HoldsModel(Items<LegalHold> Holds, IReadOnlyList<Restriction> Restrictions);
