using System.IO.Pipelines;
using System.Text.Json;
using Personalization.Audit.Domain;
using Personalization.Platform;
using Personalization.Platform.Security;

namespace Personalization.Cli;

/// <summary>The command <c>verify-audit</c>: checks an export of <c>GET /audit/export</c> without any server; the last line it prints says what was found.</summary>
internal static class VerifyAudit
{
    public static async Task<int> RunAsync(string file, IReadOnlyList<string> options, CancellationToken cancellationToken)
    {
        var arguments = new Arguments(options, ["--checkpoint", "--keys", "--jwks"]);
        var keys = PublicKeys.Of(arguments["--keys"], arguments["--jwks"]);
        Checkpoint[] kept = arguments["--checkpoint"] is { } path ? Read(path) : [];
        AuditReport report;
        try
        {
            await using var input = file == "-" ? Console.OpenStandardInput() : File.OpenRead(file);
            report = await new AuditVerifier(keys).VerifyAsync(PipeReader.Create(input, new StreamPipeReaderOptions(bufferSize: 64 * 1024)), kept, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{file} can't be read: {e.Message}");
        }

        if (report.Wrong is { } wrong)
        {
            Console.WriteLine($"Wrong: {wrong}. The {report.Entries} entries before are right by themselves, {report.Checkpoints} of {kept.Length} checkpoints agree.");
            return 1;
        }

        if (kept.Length == 0) Console.WriteLine("No checkpoint was given: this says that the export is whole and signed, not that it is the log of yesterday.");
        Console.WriteLine($"Right: {report.Entries} entries, {report.Checkpoints} checkpoints given and one at the end.");
        return 0;
    }

    /// <summary>One checkpoint or many, a JSON line each: what <c>GET /audit/checkpoint</c> answers, or the file that Audit appends to.</summary>
    private static Checkpoint[] Read(string file)
    {
        try
        {
            Checkpoint[] read = [.. File.ReadLines(file).Where(line => line.Length > 0).Select(line => JsonSerializer.Deserialize<Checkpoint>(line, Json.Options)!)];
            return read.Length > 0 ? read : throw new UsageException($"There is no checkpoint in {file}.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new UsageException($"{file} can't be read as checkpoints, one a line.");
        }
    }
}
