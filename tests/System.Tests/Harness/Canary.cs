using System.Text;

namespace Personalization.System.Tests.Harness;

/// <summary>Looks for a text that names a person, in whatever form it was written down.</summary>
public static class Canary
{
    /// <summary>How a text may be written down: as it is, in capitals, in hexadecimal digits, in base64 wherever it stands in a longer text.</summary>
    public static IEnumerable<string> Forms(string text)
    {
        yield return text;
        yield return text.ToUpperInvariant();
        yield return Convert.ToHexStringLower(Encoding.UTF8.GetBytes(text));
        yield return Convert.ToHexString(Encoding.UTF8.GetBytes(text));

        // At the two other offsets within a longer base64 text it reads otherwise, but for the ends.
        for (var offset = 0; offset < 3; offset++)
        {
            var encoded = Convert.ToBase64String([.. new byte[offset], .. Encoding.UTF8.GetBytes(text)]).TrimEnd('=');
            yield return encoded[(offset == 0 ? 0 : offset + 1)..^1];
        }
    }

    /// <summary>Whether a text stands somewhere in it.</summary>
    public static bool Holds(byte[] dump, string text) => dump.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;
}
