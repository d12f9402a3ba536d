using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Personalization.Platform.Security;

/// <summary>
/// Signs and verifies what goes to, and comes from, services outside of this deployment, as Standard Webhooks 1.0 has it: HMAC-SHA256 over
/// <c>id.timestamp.body</c>, the body as it is on the wire, with a secret <c>whsec_</c> and base64. A sender that changes its secret signs with both for a while.
/// </summary>
public static class WebhookSignature
{
    /// <summary>The header with the message's id.</summary>
    public const string IdHeader = "webhook-id";

    /// <summary>The header with the Unix time, in seconds.</summary>
    public const string TimestampHeader = "webhook-timestamp";

    /// <summary>The header with the signatures, a space between them.</summary>
    public const string Header = "webhook-signature";

    private const string SecretPrefix = "whsec_";
    private const string Version = "v1,";
    private const int FewestBytes = 24;
    private const int MostBytes = 64;
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    /// <summary>Whether it is a secret of 24 to 64 bytes.</summary>
    public static bool IsSecret(string? value) => KeyOf(value) is { Length: >= FewestBytes and <= MostBytes };

    /// <summary>The value of the header with the signatures.</summary>
    public static string Of(IEnumerable<string> secrets, string id, DateTimeOffset at, ReadOnlySpan<byte> body)
    {
        var signed = Signed(id, TimestampOf(at), body);
        return string.Join(' ', secrets.Select(secret => Version + Convert.ToBase64String(HMACSHA256.HashData(KeyOf(secret)!, signed))));
    }

    /// <summary>The value of the header with the time.</summary>
    public static string TimestampOf(DateTimeOffset at) => at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    /// <summary>Whether one of the signatures is one of the secrets', and its time no more than five minutes from now.</summary>
    public static bool Verify(IEnumerable<string> secrets, string? id, string? timestamp, string? signatures, ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        if (id is null || signatures is null || !long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)) return false;
        if (Math.Abs(now.ToUnixTimeSeconds() - seconds) > Tolerance.TotalSeconds) return false;
        var signed = Signed(id, timestamp, body);
        var given = signatures.Split(' ').Where(value => value.StartsWith(Version, StringComparison.Ordinal)).Select(value => Encoding.ASCII.GetBytes(value[Version.Length..])).ToArray();
        return secrets.Select(secret => Encoding.ASCII.GetBytes(Convert.ToBase64String(HMACSHA256.HashData(KeyOf(secret)!, signed))))
            .Any(expected => given.Any(value => CryptographicOperations.FixedTimeEquals(expected, value)));
    }

    private static byte[] Signed(string id, string timestamp, ReadOnlySpan<byte> body) => [.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body];

    private static byte[]? KeyOf(string? secret)
    {
        if (secret?.StartsWith(SecretPrefix, StringComparison.Ordinal) != true) return null;
        var key = new byte[secret.Length];
        return Convert.TryFromBase64String(secret[SecretPrefix.Length..], key, out var length) ? key[..length] : null;
    }
}
