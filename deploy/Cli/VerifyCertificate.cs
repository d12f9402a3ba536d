using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Personalization.Platform.Security;
using Personalization.Retention.Domain;

namespace Personalization.Cli;

/// <summary>The command <c>verify-certificate</c>: checks an erasure certificate, as JSON or as compact JWS, with the public keys alone.</summary>
internal static class VerifyCertificate
{
    private const string Producer = "retention";
    private const string Type = "erasure-certificate+jws";

    public static int Run(string file, IReadOnlyList<string> options)
    {
        var arguments = new Arguments(options, ["--keys", "--jwks"]);
        var keys = PublicKeys.Of(arguments["--keys"], arguments["--jwks"]);
        byte[] content;
        try
        {
            using var input = file == "-" ? Console.OpenStandardInput() : File.OpenRead(file);
            using var copy = new MemoryStream();
            input.CopyTo(copy);
            content = copy.ToArray();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{file} can't be read: {e.Message}");
        }

        ErasureCertificate? certificate;
        string? wrong;
        try
        {
            var text = Encoding.UTF8.GetString(content).Trim();
            certificate = ErasureCertificate.Read(text.StartsWith('{') ? Encoding.UTF8.GetBytes(text) : PayloadOf(text, keys));
            wrong = certificate.WhatIsWrong(new MessageVerifier(keys));
        }
        catch (Exception e) when (e is JsonException or FormatException or KeyNotFoundException or InvalidOperationException)
        {
            (certificate, wrong) = (null, e is JsonException ? "It is not a certificate as it was issued." : e.Message);
        }

        // Nothing a file says is shown before it has proved to be what was issued.
        if (certificate is null || wrong is not null)
        {
            Console.WriteLine($"Wrong: {wrong}");
            return 1;
        }

        Console.WriteLine($"Case {certificate.CaseId}, {(certificate.IsOnHold ? "done but for what a legal hold keeps" : "completed")} {certificate.CompletedAt:yyyy-MM-dd HH:mm:ss} UTC, signed by {certificate.Signature!.KeyId}.");
        foreach (var receipt in certificate.Receipts)
        {
            Console.WriteLine(
                $"  {receipt.Participant}: {receipt.Erased.Sum(data => data.Count)} erased, {receipt.Retained.Sum(data => data.Count)} kept by law, "
                + $"{receipt.Residual.Count} places searched, nothing found; signed by {receipt.Signature!.KeyId}");
        }

        Console.WriteLine($"Right: {certificate.Receipts.Count} receipts under the Merkle root {certificate.MerkleRoot}.");
        return 0;
    }

    /// <exception cref="FormatException">It isn't a compact JWS of a certificate that a trusted key signed.</exception>
    private static byte[] PayloadOf(string jws, Func<string, TrustedKey?> keys)
    {
        if (jws.Split('.') is not [var header, var payload, var signature] || !Base64Url.IsValid(header) || !Base64Url.IsValid(payload))
            throw new FormatException("It is neither JSON nor a compact JWS.");
        using var members = JsonDocument.Parse(Base64Url.DecodeFromChars(header));
        if (members.RootElement.GetProperty("alg").GetString() != "ES256" || members.RootElement.GetProperty("typ").GetString() != Type)
            throw new FormatException("It is not the JWS of a certificate.");
        if (members.RootElement.GetProperty("kid").GetString() is not { } keyId || keys(keyId) is not { Producer: Producer } key)
            throw new FormatException("The JWS is signed with a key that is not trusted for it.");
        return key.Verify(Encoding.ASCII.GetBytes($"{header}.{payload}"), signature)
            ? Base64Url.DecodeFromChars(payload)
            : throw new FormatException("The JWS was changed after it was signed.");
    }
}
