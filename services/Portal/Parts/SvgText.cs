using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;

namespace Personalization.Portal.Parts;

/// <summary>A text in a drawing: in Razor, the element's name means something else.</summary>
public sealed class SvgText : ComponentBase
{
    /// <summary>From the left; of a text that ends there, to its end.</summary>
    [Parameter, EditorRequired]
    public double X { get; set; }

    /// <summary>From above, to the line that the text stands on.</summary>
    [Parameter, EditorRequired]
    public double Y { get; set; }

    /// <summary>What is said.</summary>
    [Parameter, EditorRequired]
    public required string Text { get; set; }

    /// <summary>Its style.</summary>
    [Parameter]
    public string Class { get; set; } = "chart-label";

    /// <summary>Which end is at <see cref="X"/>: <c>start</c>, <c>middle</c> or <c>end</c>.</summary>
    [Parameter]
    public string Anchor { get; set; } = "start";

    /// <inheritdoc/>
    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        builder.OpenElement(0, "text");
        builder.AddAttribute(1, "x", X.ToString("0.#", CultureInfo.InvariantCulture));
        builder.AddAttribute(2, "y", Y.ToString("0.#", CultureInfo.InvariantCulture));
        builder.AddAttribute(3, "class", Class);
        builder.AddAttribute(4, "text-anchor", Anchor);
        builder.AddContent(5, Text);
        builder.CloseElement();
    }
}
