using System.IO.Pipelines;
using Personalization.Consent.Domain;
using Personalization.Platform.Security;

namespace Personalization.Cli;

/// <summary>The command <c>verify-ledger</c>: checks an export of <c>GET /ledger/export</c> without any server; the last line it prints says what was found.</summary>
internal static class VerifyLedger
{
    private const string Producer = "consent";

    public static async Task<int> RunAsync(string file, IReadOnlyList<string> options, CancellationToken cancellationToken)
    {
        var arguments = new Arguments(options, ["--keys", "--jwks"]);
        var keys = PublicKeys.Of(arguments["--keys"], arguments["--jwks"]);
        LedgerReport report;
        try
        {
            await using var input = file == "-" ? Console.OpenStandardInput() : File.OpenRead(file);
            report = await new LedgerVerifier(keyId => keys(keyId) is { Producer: Producer } key ? key : null).VerifyAsync(PipeReader.Create(input, new StreamPipeReaderOptions(bufferSize: 64 * 1024)), cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{file} can't be read: {e.Message}");
        }

        // Nothing a file says is shown before it has proved to be what was exported.
        if (report is { FirstWrong: null, Header: { } header })
        {
            Console.WriteLine($"Exported {header.StartedAt:yyyy-MM-dd HH:mm:ss} UTC in region {header.Region}, signed by {header.KeyId}.");
            Console.WriteLine($"Every decision up to number {header.Through} of the consent stream is in it.");
            Console.WriteLine($"Right: {report.Links} links of {report.Subjects} subjects, {report.Decisions} of them with their decision.");
            return 0;
        }

        Console.WriteLine($"Wrong at line {report.FirstWrong!.Line}: {report.FirstWrong.What}. The {report.Links} links before it are right by themselves.");
        return 1;
    }
}
