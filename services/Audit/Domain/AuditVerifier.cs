using System.IO.Pipelines;
using System.Text.Json;
using Personalization.Platform;
using Personalization.Platform.Security;

namespace Personalization.Audit.Domain;

/// <summary>What a check of an exported log found.</summary>
/// <param name="Entries">Entries that are right by themselves, from the first on.</param>
/// <param name="Checkpoints">Given checkpoints that the log agrees with.</param>
/// <param name="Wrong">What is wrong first, and where; null if everything is as it was signed.</param>
public sealed record AuditReport(long Entries, int Checkpoints, string? Wrong);

/// <summary>
/// Checks an exported log with nothing but the public keys and checkpoints that somebody kept. Each line has to be, byte for byte, what an export
/// writes for what it says; the entries have to make up the trees of the export's own checkpoint and of each given one.
/// </summary>
/// <param name="keys">The trusted key of an id, or null.</param>
public sealed class AuditVerifier(Func<string, TrustedKey?> keys)
{
    private const int LongestLine = 64 * 1024;

    /// <summary>Reads an export to its end, or to the first line that is wrong.</summary>
    /// <param name="export">The file.</param>
    /// <param name="kept">Checkpoints of the same log, in any order.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<AuditReport> VerifyAsync(PipeReader export, IEnumerable<Checkpoint> kept, CancellationToken cancellationToken)
    {
        var checkpoints = kept.OrderBy(checkpoint => checkpoint.Size).ToArray();
        var tree = new MerkleFrontier();
        var agreed = 0;
        Checkpoint? end = null;
        if (checkpoints.FirstOrDefault(checkpoint => !checkpoint.IsSigned(keys)) is { } unsigned) return Report($"the checkpoint of {unsigned.Size} entries that was given is not signed by Audit");
        if (Compare() is { } wrongStart) return Report(wrongStart);
        await foreach (var line in NdjsonLines.ReadAsync(export, LongestLine, cancellationToken))
        {
            if (end is not null) return Report("something follows the checkpoint that ends the export");
            if (line.IsTooLong || !line.IsEnded) return Report(Here("the line is cut off, or longer than any of a log"));
            if (Read<AuditEntry>(line) is { } entry)
            {
                if (entry.Number != tree.Size + 1) return Report(Here($"entry {entry.Number} stands there: entries were taken out, put in or moved"));
                if (entry.ComputeHash() != entry.Hash) return Report(Here("it is not what its hash says"));
                tree.Add(Convert.FromHexString(entry.Hash));
                if (Compare() is { } wrong) return Report(wrong);
            }
            else if (Read<Checkpoint>(line) is { } checkpoint)
            {
                end = checkpoint;
            }
            else
            {
                return Report(Here("the line is not what an export writes"));
            }
        }

        if (end is null) return Report($"the export breaks off after entry {tree.Size}: its checkpoint is missing");
        if (!end.IsSigned(keys)) return Report("the checkpoint that ends the export is not signed by Audit");
        if (end.Size != tree.Size) return Report($"the export's checkpoint is of {end.Size} entries, and {tree.Size} are there");
        if (end.RootHash != AuditHead.Of(tree).RootHash) return Report(Between("the export's checkpoint", end));
        if (checkpoints.FirstOrDefault(checkpoint => checkpoint.Origin != end.Origin) is { } other) return Report($"a checkpoint that was given is of another log, {other.Origin}");
        return agreed < checkpoints.Length
            ? Report($"the log had {checkpoints[agreed].Size} entries on {checkpoints[agreed].Time:yyyy-MM-dd HH:mm:ss} UTC and ends with entry {tree.Size} here: its end was cut off")
            : new AuditReport(tree.Size, agreed, null);

        AuditReport Report(string wrong) => new(tree.Size, agreed, wrong);

        string Here(string what) => $"entry {tree.Size + 1}: {what}";

        string Between(string whose, Checkpoint checkpoint) =>
            $"entries {(agreed == 0 ? 1 : checkpoints[agreed - 1].Size + 1)} to {checkpoint.Size}: {whose} of {checkpoint.Time:yyyy-MM-dd HH:mm:ss} UTC is of other entries";

        // Those of the size reached now.
        string? Compare()
        {
            for (; agreed < checkpoints.Length && checkpoints[agreed].Size == tree.Size; agreed++)
            {
                if (checkpoints[agreed].RootHash != AuditHead.Of(tree).RootHash) return Between("the checkpoint", checkpoints[agreed]);
            }

            return null;
        }
    }

    /// <summary>Checks a proof of an entry: its tree has to be that of a given checkpoint.</summary>
    /// <returns>What is wrong; null if nothing is.</returns>
    public string? WhatIsWrong(InclusionProof proof, IEnumerable<Checkpoint> kept) =>
        WhatIsWrong(proof.Size, proof.RootHash, kept) ?? (proof.IsRight() ? null : $"entry {proof.Entry.Number} is not shown to be among the {proof.Size}");

    /// <summary>Checks a proof that the log went on from an earlier one: both trees have to be those of given checkpoints.</summary>
    /// <returns>What is wrong; null if nothing is.</returns>
    public string? WhatIsWrong(ConsistencyProof proof, IReadOnlyCollection<Checkpoint> kept) =>
        WhatIsWrong(proof.From, proof.FromRootHash, kept) ?? WhatIsWrong(proof.To, proof.ToRootHash, kept)
            ?? (proof.IsRight() ? null : $"the log of {proof.To} entries is not shown to begin with that of {proof.From}");

    private string? WhatIsWrong(long size, string rootHash, IEnumerable<Checkpoint> kept)
    {
        Checkpoint[] same = [.. kept.Where(checkpoint => checkpoint.Size == size)];
        if (same.Length == 0) return $"no checkpoint of {size} entries was given: ask for the proof with the size of one that you keep";
        if (!same.All(checkpoint => checkpoint.IsSigned(keys))) return $"the checkpoint of {size} entries that was given is not signed by Audit";
        return same.All(checkpoint => checkpoint.RootHash == rootHash) ? null : $"the proof is of another tree than the checkpoint of {size} entries";
    }

    /// <summary>Null unless the line is the one way in which an export writes it.</summary>
    private static T? Read<T>(NdjsonLine line)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(line.Bytes.Span, Json.Options) is { } read && JsonSerializer.SerializeToUtf8Bytes(read, Json.Options).AsSpan().SequenceEqual(line.Bytes.Span) ? read : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
