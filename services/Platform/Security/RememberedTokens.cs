using System.Collections.Concurrent;
using System.Security.Claims;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Personalization.Platform.Security;

/// <summary>
/// Validates a token when it is first seen, and again once a minute: checking a signature costs more than most answers. A token is known by its
/// whole text, is not taken past its end without being validated anew, and is forgotten when it is refused.
/// </summary>
/// <remarks>A signing key that is withdrawn is used for that minute longer; tokens live for longer than that.</remarks>
internal sealed class RememberedTokens : JsonWebTokenHandler
{
    private const int MostTokens = 10_000;
    private static readonly TimeSpan ValidateEvery = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, (TokenValidationResult Result, DateTimeOffset Until)> accepted = new();
    private readonly TimeProvider time;
    private readonly string customerIdClaim;

    /// <summary>A handler of one source of tokens.</summary>
    /// <param name="time">Whose time counts.</param>
    /// <param name="customerIdClaim">What that source calls the customer id.</param>
    public RememberedTokens(TimeProvider time, string customerIdClaim = Tokens.CustomerIdClaim) => (this.time, this.customerIdClaim, MapInboundClaims) = (time, customerIdClaim, false);

    public override async Task<TokenValidationResult> ValidateTokenAsync(string token, TokenValidationParameters validationParameters)
    {
        var now = time.GetUtcNow();
        if (accepted.TryGetValue(token, out var known) && now < known.Until) return known.Result;
        accepted.TryRemove(token, out _);
        var result = await base.ValidateTokenAsync(token, validationParameters);
        if (!result.IsValid) return result;
        if (customerIdClaim != Tokens.CustomerIdClaim) NameCustomer(result.ClaimsIdentity);
        var end = new DateTimeOffset(result.SecurityToken.ValidTo, TimeSpan.Zero);
        var again = now + ValidateEvery;
        if (accepted.Count >= MostTokens) accepted.Clear();
        accepted[token] = (result, end < again ? end : again);
        return result;
    }

    // Whatever else the source calls customer_id is not the customer id.
    private void NameCustomer(ClaimsIdentity caller)
    {
        foreach (var other in caller.FindAll(Tokens.CustomerIdClaim).ToArray()) caller.RemoveClaim(other);
        if (caller.FindFirst(customerIdClaim)?.Value is { } customerId) caller.AddClaim(new Claim(Tokens.CustomerIdClaim, customerId));
    }
}
