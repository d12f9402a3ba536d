using Xunit;

namespace Personalization.Conventions.Tests;

/// <summary>A rule is a function from what it looks at to what is wrong with it, so that a bad example can show that it would be noticed.</summary>
internal static class Rule
{
    /// <summary>Fails with everything that is wrong, and if there was nothing to look at.</summary>
    public static void Holds<T>(IReadOnlyCollection<T> subjects, Func<T, IEnumerable<string>> violations)
    {
        Assert.NotEmpty(subjects);
        Holds([.. subjects.SelectMany(violations)]);
    }

    /// <summary>Fails with everything that is wrong.</summary>
    public static void Holds(IReadOnlyCollection<string> violations)
    {
        if (violations.Count > 0) Assert.Fail(string.Join(Environment.NewLine, violations.Order(StringComparer.Ordinal)));
    }
}
