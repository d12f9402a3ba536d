using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Personalization.Platform.Privacy;

/// <summary>
/// Turns a customer id into a subject ref at the edges. A ref is <c>s1_</c> and the base64url of the first 20 bytes of
/// HMAC-SHA-256(ref key 1, region, line feed, customer id): the key doesn't rotate, its version stands in the ref.
/// </summary>
public sealed class SubjectRefs
{
    private readonly byte[] key;

    /// <param name="keyFile">base64 of 32 bytes.</param>
    /// <param name="region">The residency of this deployment; the same customer id has another ref elsewhere.</param>
    public SubjectRefs(string keyFile, string region)
    {
        key = Convert.FromBase64String(File.ReadAllText(keyFile).Trim());
        if (key.Length != 32) throw new InvalidOperationException("The subject ref key is 32 bytes in base64.");
        Region = region;
    }

    /// <summary>The residency of this deployment.</summary>
    public string Region { get; }

    /// <summary>The pseudonym of a customer id.</summary>
    public string Of(string customerId) =>
        "s1_" + Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{Region}\n{customerId}")).AsSpan(0, 20));

    /// <summary>
    /// A keyed hash (base64url of 20 bytes) of what somebody who knows a product's data could guess, such as the id of an event: without the
    /// key no guess can be tried, so stored hashes don't lead back to a person.
    /// </summary>
    public string Blind(params ReadOnlySpan<string> parts)
    {
        var text = new StringBuilder(Region);
        // Lengths keep ("ab", "c") from being ("a", "bc"); the line feeds keep all of it apart from customer ids, which have none.
        foreach (var part in parts) text.Append('\n').Append(part.Length).Append('\n').Append(part);
        return Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, 20));
    }

    /// <summary>An opaque id: 1 to 128 letters, digits, '.', '_', ':' or '-'. Excludes e-mail addresses by its alphabet.</summary>
    public static bool IsCustomerId(string? value) =>
        value is { Length: > 0 and <= 128 } && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or ':' or '-');
}
