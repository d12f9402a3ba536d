using System.Security.Cryptography;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Personalization.Platform.Security;
using Personalization.Testing;
using Xunit;

namespace Personalization.Platform.Tests.Security;

public sealed class RememberedTokensTests : IDisposable
{
    private readonly ShiftedTime time = new();
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly RememberedTokens tokens;
    private bool isKeyTrusted = true;
    private int validations;

    public RememberedTokensTests() => tokens = new RememberedTokens(time);

    public void Dispose() => key.Dispose();

    [Fact]
    public async Task A_token_is_validated_once_a_minute()
    {
        var token = Token(TimeSpan.FromMinutes(10));

        Assert.Equal("product", await RoleOfAsync(token));
        Assert.Equal("product", await RoleOfAsync(token));
        Assert.Equal(1, validations);

        isKeyTrusted = false;
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(await RoleOfAsync(token));
        Assert.Null(await RoleOfAsync(token));
        Assert.Equal(3, validations);
    }

    [Fact]
    public async Task A_token_is_not_taken_past_its_end()
    {
        var token = Token(TimeSpan.FromSeconds(30));
        Assert.NotNull(await RoleOfAsync(token));

        time.Advance(TimeSpan.FromSeconds(30));

        Assert.Null(await RoleOfAsync(token));
    }

    [Fact]
    public async Task A_token_that_differs_at_all_is_another_one()
    {
        var token = Token(TimeSpan.FromMinutes(10));
        Assert.NotNull(await RoleOfAsync(token));
        var parts = token.Split('.');
        var forged = Base64UrlEncoder.Encode(Base64UrlEncoder.Decode(parts[1]).Replace("product", "officer", StringComparison.Ordinal));

        Assert.Null(await RoleOfAsync($"{parts[0]}.{forged}.{parts[2]}"));
    }

    private string Token(TimeSpan lifetime) => new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
    {
        Expires = (time.GetUtcNow() + lifetime).UtcDateTime,
        Claims = new Dictionary<string, object> { ["role"] = "product" },
        SigningCredentials = new SigningCredentials(new ECDsaSecurityKey(key), SecurityAlgorithms.EcdsaSha256),
    });

    private async Task<string?> RoleOfAsync(string token)
    {
        var result = await tokens.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidateAudience = false,
            ValidateIssuer = false,
            LifetimeValidator = (_, expires, _, _) => time.GetUtcNow() < expires,
            IssuerSigningKeyResolver = (_, _, _, _) =>
            {
                validations++;
                return isKeyTrusted ? [new ECDsaSecurityKey(key)] : [];
            },
        });
        return result.IsValid ? (string)result.Claims["role"] : null;
    }
}
