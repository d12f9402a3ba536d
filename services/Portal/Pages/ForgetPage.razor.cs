namespace Personalization.Portal.Pages;

/// <summary>What being forgotten means.</summary>
/// <param name="Problem">Why it wasn't done.</param>
public sealed record ForgetModel(string? Problem);
