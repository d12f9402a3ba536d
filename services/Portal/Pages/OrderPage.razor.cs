using Personalization.Portal.Features;

namespace Personalization.Portal.Pages;

/// <summary>Recording an order of an authority.</summary>
/// <param name="Form">What was written so far.</param>
/// <param name="Problem">Why it wasn't recorded.</param>
public sealed record OrderModel(OrderForm Form, string? Problem);
