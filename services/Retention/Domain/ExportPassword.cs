using System.Security.Cryptography;

namespace Personalization.Retention.Domain;

/// <summary>What an export is encrypted with: told once, to whoever asked for it.</summary>
public static class ExportPassword
{
    // Crockford's base32 in lower case: nothing in it is taken for something else when it is read out or typed.
    private const string Letters = "0123456789abcdefghjkmnpqrstvwxyz";
    private const int Groups = 5;
    private const int GroupLength = 5;

    /// <summary>125 random bits, in groups: <c>k7q2f-…</c>.</summary>
    public static string New() => string.Join('-', RandomNumberGenerator.GetString(Letters, Groups * GroupLength).Chunk(GroupLength).Select(group => new string(group)));
}
