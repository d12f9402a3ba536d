using Personalization.Portal.Features;

namespace Personalization.Portal.Pages;

/// <summary>Placing a legal hold.</summary>
/// <param name="Form">What was written so far.</param>
/// <param name="Purposes">What people are asked: categories and names.</param>
/// <param name="Problem">Why it wasn't placed.</param>
public sealed record HoldModel(HoldForm Form, IReadOnlyList<Purpose> Purposes, string? Problem);

/// <summary>Placing a legal hold.</summary>
public sealed partial class HoldPage
{
    // Of several names of a category one is enough to know it by.
    private IEnumerable<(string Category, string Name)> Categories =>
        Model.Purposes.SelectMany(purpose => purpose.Categories.Select(category => (category, Name: purpose.NameOf(category, Visitor.Language)))).DistinctBy(pair => pair.category);
}
