namespace Personalization.Portal.Pages;

/// <summary>Messages that wait for an operator.</summary>
/// <param name="Items">A page of them.</param>
/// <param name="Next">How to ask for the next page.</param>
/// <param name="Problem">Why the last one wasn't resolved.</param>
public sealed record QuarantineModel(IReadOnlyList<QuarantineItem> Items, string? Next, string? Problem);
