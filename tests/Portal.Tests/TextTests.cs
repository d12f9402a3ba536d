using System.Text.RegularExpressions;
using Personalization.Portal;
using Xunit;

namespace Personalization.Portal.Tests;

public sealed partial class TextTests
{
    [Fact]
    public void Every_text_is_said_in_both_languages()
    {
        var texts = Directory.EnumerateFiles(Path.Combine(RunningServer.Root(), "services", "Portal"), "*.*", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file) is ".cs" or ".razor" && !file.Contains("/obj/", StringComparison.Ordinal))
            .SelectMany(file => Said().Matches(File.ReadAllText(file))).Select(said => (Ru: said.Groups["ru"].Value, En: said.Groups["en"].Value)).ToArray();

        Assert.True(texts.Length > 50, $"{texts.Length} texts were found.");
        Assert.DoesNotContain(texts, text => Letters().IsMatch(text.Ru) && !Cyrillic().IsMatch(text.Ru));
        Assert.DoesNotContain(texts, text => Cyrillic().IsMatch(text.En));
    }

    [Theory]
    [InlineData(1, "1 день", "1 day")]
    [InlineData(3, "3 дня", "3 days")]
    [InlineData(11, "11 дней", "11 days")]
    [InlineData(21, "21 день", "21 days")]
    [InlineData(365, "1 год", "1 year")]
    [InlineData(730, "2 года", "2 years")]
    [InlineData(12345, "12 345 дней", "12,345 days")]
    public void Numbers_agree_with_their_nouns(int days, string ru, string en)
    {
        Assert.Equal(ru, new Visitor("ru", null, "/", "/").Period(days).Replace('\u00a0', ' '));
        Assert.Equal(en, new Visitor("en", null, "/", "/").Period(days).Replace('\u00a0', ' '));
    }

    [GeneratedRegex("""Say\(\$?"(?<ru>[^"]*)",\s*\$?"(?<en>[^"]*)"\)""")]
    private static partial Regex Said();

    [GeneratedRegex(@"(?<!\{[^}]*|\\u?|\\u[0-9a-f]*)\p{L}")]
    private static partial Regex Letters();

    [GeneratedRegex(@"\p{IsCyrillic}")]
    private static partial Regex Cyrillic();
}
