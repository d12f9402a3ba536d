using Xunit;

namespace Personalization.Portal.Tests;

/// <summary>The browser that the machine has; none is downloaded.</summary>
internal static class Chromium
{
    private static readonly string[] Places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    public static string? Path { get; } = Environment.GetEnvironmentVariable("PERSONALIZATION_TEST_CHROMIUM") ?? Places.FirstOrDefault(File.Exists);

    public static string? Unavailable => Path is null ? "There is no Chromium: apt-get install chromium, or name one in PERSONALIZATION_TEST_CHROMIUM." : null;
}

/// <summary>A fact seen in a browser; without one, it is skipped with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute() => Skip = Chromium.Unavailable;
}

/// <summary>The same for each of some cases.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class BrowserTheoryAttribute : TheoryAttribute
{
    public BrowserTheoryAttribute() => Skip = Chromium.Unavailable;
}
