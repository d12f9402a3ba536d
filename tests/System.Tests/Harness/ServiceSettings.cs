namespace Personalization.System.Tests.Harness;

/// <summary>What a service of a deployment in parts is told.</summary>
internal static class ServiceSettings
{
    /// <param name="service">Its name.</param>
    /// <param name="keys">The directory of all keys.</param>
    /// <param name="region">Whose people it is for.</param>
    /// <param name="broker">Where it finds the broker.</param>
    /// <param name="consentStream">Where it follows Consent.</param>
    /// <param name="ports">Where services listen; those not started yet may be missing.</param>
    /// <param name="stores">By service, and by service with <c>_keys</c> behind it.</param>
    public static Dictionary<string, string?> Of(
        string service, string keys, string region, Uri broker, Uri consentStream, IReadOnlyDictionary<string, int> ports, IReadOnlyDictionary<string, string> stores)
    {
        var settings = new Dictionary<string, string?>
        {
            // A restarted service keeps its address, as in a deployment.
            ["urls"] = $"http://127.0.0.1:{ports.GetValueOrDefault(service)}",
            ["Keys:Directory"] = keys,
            ["Broker:Uri"] = broker.ToString(),
            ["Subjects:Region"] = region,
            ["ConsentStream:Url"] = consentStream.ToString(),
            ["ErasureSequence:Url"] = AddressOf("retention"),
            ["Profile:Url"] = AddressOf("profile"),
            ["Consent:Url"] = AddressOf("consent"),
            ["Recommendation:MinSupport"] = "5",
            ["Retention:ResendAfterSeconds"] = "2",
            ["Logging:LogLevel:Default"] = "Warning",
        };
        if (stores.TryGetValue(service, out var store)) settings[$"{service}:Store"] = store;
        if (stores.TryGetValue(service + "_keys", out var keyStore)) settings[$"{service}:KeyStore"] = keyStore;
        if (service == "portal")
        {
            foreach (var other in ports.Keys.Where(other => other != "portal")) settings[$"Portal:Services:{other}"] = AddressOf(other);
        }

        return settings;

        string? AddressOf(string other) => ports.TryGetValue(other, out var port) ? $"http://127.0.0.1:{port}" : null;
    }
}
