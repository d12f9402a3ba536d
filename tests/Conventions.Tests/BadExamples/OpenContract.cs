namespace Personalization.Conventions.Tests.BadExamples;

#pragma warning disable CA1852 // That it isn't sealed is what is wrong with it.
internal class OpenContract
#pragma warning restore CA1852
{
    public required string Given { get; init; }

    public string? Changeable { get; set; }

    public string Silent { get; init; } = "";
}
