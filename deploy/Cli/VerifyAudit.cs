using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Json.Serialization;
using Personalization.Audit.Domain;
using Personalization.Platform;

namespace Personalization.Cli;

/// <summary>
/// The command <c>verify-audit</c>: checks an export of <c>GET /audit/export</c>, or a proof of an entry or of two sizes, without any server; the
/// last line it prints says what was found.
/// </summary>
internal static class VerifyAudit
{
    // No larger than a proof can be, and no line of an export is one.
    private const int LargestProof = 64 * 1024;

    // A proof has nothing but its members, so that no entry and no checkpoint passes for one.
    private static readonly JsonSerializerOptions Strict = new(Json.Options) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    public static async Task<int> RunAsync(string file, IReadOnlyList<string> options, CancellationToken cancellationToken)
    {
        var arguments = new Arguments(options, ["--checkpoint", "--keys", "--jwks"]);
        var verifier = new AuditVerifier(PublicKeys.Of(arguments["--keys"], arguments["--jwks"]));
        Checkpoint[] kept = arguments["--checkpoint"] is { } path ? ReadCheckpoints(path) : [];
        try
        {
            if (file != "-" && new FileInfo(file).Length <= LargestProof)
            {
                var text = await File.ReadAllTextAsync(file, cancellationToken);
                if (Read<InclusionProof>(text, Strict) is { } inclusion) return Say(verifier.WhatIsWrong(inclusion, kept), $"entry {inclusion.Entry.Number} is in the log of {inclusion.Size} entries");
                if (Read<ConsistencyProof>(text, Strict) is { } consistency) return Say(verifier.WhatIsWrong(consistency, kept), $"the log of {consistency.To} entries begins with that of {consistency.From}");
            }

            await using var input = file == "-" ? Console.OpenStandardInput() : File.OpenRead(file);
            var report = await verifier.VerifyAsync(PipeReader.Create(input, new StreamPipeReaderOptions(bufferSize: 64 * 1024)), kept, cancellationToken);
            if (report.Wrong is { } wrong) return Say($"{wrong}. The {report.Entries} entries before are right by themselves, {report.Checkpoints} of {kept.Length} checkpoints agree", "");
            if (kept.Length == 0) Console.WriteLine("No checkpoint was given: this says that the export is whole and signed, not that it is the log of yesterday.");
            return Say(null, $"{report.Entries} entries, {report.Checkpoints} checkpoints given and one at the end");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{file} can't be read: {e.Message}");
        }
    }

    private static int Say(string? wrong, string right)
    {
        Console.WriteLine(wrong is null ? $"Right: {right}." : $"Wrong: {wrong}.");
        return wrong is null ? 0 : 1;
    }

    /// <summary>One checkpoint or many, a JSON line each: what <c>GET /audit/checkpoint</c> answers, or the file that Audit appends to.</summary>
    private static Checkpoint[] ReadCheckpoints(string file)
    {
        try
        {
            string[] lines = [.. File.ReadLines(file).Where(line => line.Length > 0)];
            Checkpoint[] read = [.. lines.Select(line => Read<Checkpoint>(line, Json.Options)).OfType<Checkpoint>()];
            if (read.Length == 0) throw new UsageException($"There is no checkpoint in {file}.");
            if (read.Length < lines.Length) Console.WriteLine($"{lines.Length - read.Length} lines of {file} hold no checkpoint; a crash cuts one off while it is written.");
            return read;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{file} can't be read: {e.Message}");
        }
    }

    private static T? Read<T>(string json, JsonSerializerOptions options)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, options);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
