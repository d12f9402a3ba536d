namespace Personalization.Portal.Pages;

/// <summary>One case.</summary>
/// <param name="Erasure">The case.</param>
/// <param name="Problem">Why it wasn't sent again.</param>
public sealed record CaseModel(ErasureCase Erasure, string? Problem);
