namespace Personalization.Portal.Parts;

/// <summary>A bar of a chart.</summary>
/// <param name="Label">What it is of.</param>
/// <param name="Value">How long it is.</param>
/// <param name="Text">What the number says; a suppressed one says so.</param>
public sealed record ChartBar(string Label, double Value, string Text);
