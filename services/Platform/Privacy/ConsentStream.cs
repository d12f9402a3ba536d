using System.Net.Http.Json;
using Personalization.Contracts.Consent;

namespace Personalization.Platform.Privacy;

/// <summary>An answer of <c>GET /internal/consent-stream?after=N</c>.</summary>
public sealed record ConsentStreamPage
{
    /// <summary>The highest number given out, read before the entries.</summary>
    public required long Head { get; init; }

    /// <summary>Everything up to this number is in the store of whoever applied this page; it is <see cref="Head"/> unless the page was full.</summary>
    public required long Through { get; init; }

    /// <summary>The entries after the number asked for, in order. Numbers may be missing: entries of erased subjects that a later one supersedes.</summary>
    public required IReadOnlyList<ConsentStreamEntry> Entries { get; init; }
}

/// <summary>One event of the stream; exactly one member is set.</summary>
public sealed record ConsentStreamEntry
{
    /// <summary>Set if it is one.</summary>
    public ConsentGranted? Granted { get; init; }

    /// <summary>Set if it is one.</summary>
    public ConsentRevoked? Revoked { get; init; }

    /// <summary>Set if it is one.</summary>
    public ConsentExpired? Expired { get; init; }

    /// <summary>Whichever is set.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public IConsentEvent Event => (IConsentEvent?)Granted ?? (IConsentEvent?)Revoked ?? Expired ?? throw new InvalidOperationException("A stream entry holds no event.");
}

/// <summary>Asks Consent for its stream.</summary>
public sealed class ConsentStreamClient(HttpClient http)
{
    /// <summary>The page after a number.</summary>
    /// <exception cref="HttpRequestException">Consent can't be reached.</exception>
    public async Task<ConsentStreamPage> ReadAsync(long after, CancellationToken cancellationToken) =>
        await http.GetFromJsonAsync<ConsentStreamPage>($"/internal/consent-stream?after={after}", Json.Options, cancellationToken)
        ?? throw new HttpRequestException("Consent answered without a page.");
}
