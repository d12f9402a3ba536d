using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Personalization.Tickets;

/// <summary>Verifies and signs as Standard Webhooks has it: HMAC-SHA256 over <c>id.timestamp.body</c>, the body as it is on the wire.</summary>
internal static class Webhook
{
    private const string Id = "webhook-id", Timestamp = "webhook-timestamp", Signature = "webhook-signature";
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    /// <summary>Whether one of the signatures is the secret's, and its time no more than five minutes from now.</summary>
    public static bool Verify(string secret, IHeaderDictionary headers, byte[] body, DateTimeOffset now)
    {
        if (!long.TryParse(headers[Timestamp], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)) return false;
        if (Math.Abs(now.ToUnixTimeSeconds() - seconds) > Tolerance.TotalSeconds) return false;
        var expected = Encoding.ASCII.GetBytes(Of(secret, headers[Id].ToString(), headers[Timestamp].ToString(), body));
        return headers[Signature].ToString().Split(' ').Any(given => CryptographicOperations.FixedTimeEquals(expected, Encoding.UTF8.GetBytes(given)));
    }

    /// <summary>The headers that sign a body.</summary>
    public static IEnumerable<(string Name, string Value)> Sign(string secret, string id, DateTimeOffset now, byte[] body)
    {
        var timestamp = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return [(Id, id), (Timestamp, timestamp), (Signature, Of(secret, id, timestamp, body))];
    }

    private static string Of(string secret, string id, string timestamp, byte[] body)
    {
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body];
        return "v1," + Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(secret.Trim()["whsec_".Length..]), signed));
    }
}
