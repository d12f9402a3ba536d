using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

// Somebody who holds a receipt and the key set, and a JOSE library: nothing of this system. Prints what the receipt says, if its signature is good.
var keys = new JsonWebKeySet(File.ReadAllText(args[0]));
var result = await new JsonWebTokenHandler().ValidateTokenAsync(File.ReadAllText(args[1]), new TokenValidationParameters
{
    IssuerSigningKeys = keys.GetSigningKeys(),
    ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
    ValidTypes = ["consent-receipt+jws"],
    // A receipt is no token: it says what happened, to nobody in particular, and doesn't expire.
    RequireExpirationTime = false,
    ValidateAudience = false,
    ValidateIssuer = false,
    ValidateLifetime = false,
});
if (!result.IsValid)
{
    await Console.Error.WriteLineAsync(result.Exception.GetType().Name);
    return 1;
}

await Console.Out.WriteLineAsync(Base64UrlEncoder.Decode(((JsonWebToken)result.SecurityToken).EncodedPayload));
return 0;
