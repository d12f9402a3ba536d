using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Personalization.Contracts.Retention;

/// <summary>The id of an erasure case follows from what opened it, so every service can name it and a repeated event opens no second one.</summary>
public static class ErasureCaseId
{
    /// <summary><c>er_</c> and the first 16 bytes, in hex, of SHA-256(subject ref, line feed, consent version). Names no one: the ref is a keyed hash itself.</summary>
    public static string Of(string subjectRef, long version) =>
        "er_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{subjectRef}\n{version}"))).AsSpan(0, 16));
}
