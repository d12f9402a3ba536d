using System.Text.Json;
using CsCheck;
using Personalization.Audit.Domain;
using Personalization.Platform;
using Personalization.Platform.Security;
using Personalization.Testing;

namespace Personalization.Audit.Tests;

/// <summary>What the verifier finds out with an older checkpoint, whoever changed the export, Audit's own key in hand or not.</summary>
public sealed class VerifyingExportsTests : IDisposable
{
    private const int Size = 40;
    private const int Checkpointed = 25;

    private readonly string directory = Directory.CreateTempSubdirectory("exports-").FullName;
    private readonly MessageSigner signer;
    private readonly TrustedKeys keys;
    private readonly AuditEntry[] entries = [.. Enumerable.Range(1, Size).Select(number => Export.Entry(number, $"c{number}"))];
    private readonly Checkpoint earlier;

    public VerifyingExportsTests()
    {
        Provisioning.EnsureKeys(directory, ["audit", "profile"]);
        signer = new MessageSigner("audit", Path.Combine(directory, "audit", "signing"), TimeProvider.System);
        keys = new TrustedKeys(Path.Combine(directory, "shared", "trust.json"));
        earlier = Export.CheckpointOf(entries.Take(Checkpointed), signer);
    }

    public void Dispose()
    {
        signer.Dispose();
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task An_honest_export_is_right() => Assert.Equal(new AuditReport(Size, 1, null), await VerifyAsync(Export.Of(entries, signer)));

    [Fact]
    public void Any_changed_byte_is_found_out()
    {
        var honest = Export.Of(entries, signer);
        Gen.Select(Gen.Int[0, honest.Length - 1], Gen.Byte[1, 255]).Sample((at, by) =>
        {
            byte[] changed = [.. honest];
            changed[at] ^= by;
            return Verify(changed).Wrong is not null;
        });
    }

    [Fact]
    public void Any_cut_is_found_out()
    {
        var honest = Export.Of(entries, signer);
        Gen.Int[0, honest.Length - 1].Sample(length => Verify(honest[..length]).Wrong is not null);
    }

    [Fact]
    public void Entries_taken_out_put_in_or_moved_are_found_out_whoever_signs_the_end_again() =>
        // The last one taken out is a log that was so once: only a later checkpoint knows better.
        Gen.Select(Gen.Int[0, Size - 1], Gen.Int[0, Size - 1], Gen.Int[0, 2]).Where((from, to, what) => what switch
        {
            0 => from != Size - 1,
            1 => true,
            _ => from != to,
        }).Sample((from, to, what) =>
        {
            var changed = entries.ToList();
            var moved = changed[from];
            if (what != 1) changed.RemoveAt(from);
            if (what != 0) changed.Insert(Math.Min(to, changed.Count), moved);
            return Verify(Export.Of(changed, signer)).Wrong is not null;
        });

    [Fact]
    public void A_history_told_anew_is_found_out_although_everything_in_it_agrees() =>
        Gen.Int[1, Checkpointed].Sample(number =>
        {
            AuditEntry[] forked = [.. entries[..(number - 1)], Export.Entry(number, "another"), .. entries[number..]];
            return Verify(Export.Of(forked, signer)).Wrong?.StartsWith($"entries 1 to {Checkpointed}: ", StringComparison.Ordinal) == true;
        });

    [Fact]
    public void An_end_cut_off_before_the_checkpoint_is_found_out() => Assert.StartsWith(
        $"the log had {Checkpointed} entries", Verify(Export.Of(entries[..(Checkpointed - 1)], signer)).Wrong, StringComparison.Ordinal);

    [Fact]
    public void Only_Audit_signs_the_log()
    {
        using var profile = new MessageSigner("profile", Path.Combine(directory, "profile", "signing"), TimeProvider.System);
        Assert.Contains("not signed by Audit", Verify(Export.Of(entries, profile)).Wrong, StringComparison.Ordinal);
        Assert.Contains("not signed by Audit", Verify(Export.Of(entries, signer), earlier with { Size = 24 }).Wrong, StringComparison.Ordinal);
        Assert.Contains("not signed by Audit", Verify(Export.Of(entries, signer), Export.CheckpointOf(entries.Take(3), profile)).Wrong, StringComparison.Ordinal);
    }

    [Fact]
    public void The_first_wrong_entry_is_named()
    {
        var changed = entries.ToArray();
        changed[30] = changed[30] with { Type = "ConsentRevoked" };
        Assert.Equal(new AuditReport(30, 1, "entry 31: it is not what its hash says"), Verify(Export.Of(changed, signer)));
    }

    [Fact]
    public async Task The_command_says_what_it_found_and_whether_all_is_well()
    {
        var (export, kept, keys) = (Path.Combine(directory, "audit.ndjson"), Path.Combine(directory, "kept.ndjson"), directory);
        await File.WriteAllBytesAsync(export, Export.Of(entries, signer));
        await File.WriteAllTextAsync(kept, JsonSerializer.Serialize(earlier, Json.Options) + "\n");

        var right = await RunAsync(export, "--checkpoint", kept, "--keys", keys);
        var unproved = await RunAsync(export, "--keys", keys);
        await File.WriteAllBytesAsync(export, Export.Of(entries[..20], signer));
        var cut = await RunAsync(export, "--checkpoint", kept, "--keys", keys);
        var missing = await RunAsync(export, "--checkpoint", Path.Combine(directory, "none"), "--keys", keys);

        Assert.Equal((0, "Right: 40 entries, 1 checkpoints given and one at the end."), (right.ExitCode, Last(right)));
        Assert.Equal(0, unproved.ExitCode);
        Assert.Contains("not that it is the log of yesterday", unproved.Output, StringComparison.Ordinal);
        Assert.Equal(1, cut.ExitCode);
        Assert.StartsWith("Wrong: the log had 25 entries", Last(cut), StringComparison.Ordinal);
        Assert.Equal(2, missing.ExitCode);
    }

    [Fact]
    public async Task The_command_checks_proofs_with_checkpoints_too()
    {
        // Of two entries: each one's path is the other, and so is what was added since the first.
        var (first, both) = (Export.CheckpointOf(entries.Take(1), signer), Export.CheckpointOf(entries.Take(2), signer));
        var inclusion = new InclusionProof(entries[0], 2, both.RootHash, [entries[1].Hash]);
        var consistency = new ConsistencyProof(1, first.RootHash, 2, both.RootHash, [entries[1].Hash]);

        Assert.Equal((0, "Right: entry 1 is in the log of 2 entries."), await CheckAsync(inclusion, first, both));
        Assert.Equal((0, "Right: the log of 2 entries begins with that of 1."), await CheckAsync(consistency, first, both));
        foreach (var (proof, kept) in new (object, Checkpoint[])[]
        {
            (inclusion with { Path = [entries[2].Hash] }, [both]),
            (inclusion with { Entry = entries[1] }, [both]),
            (inclusion with { Entry = entries[0] with { Type = "ConsentRevoked" } }, [both]),
            (inclusion with { Path = ["no hash"] }, [both]),
            (inclusion, [first]),
            (inclusion, [both with { RootHash = first.RootHash }]),
            (new InclusionProof(entries[2], 2, Export.CheckpointOf(entries[2..4], signer).RootHash, [entries[3].Hash]), [both]),
            (consistency with { Path = [entries[2].Hash] }, [first, both]),
            (consistency, [both]),
            (consistency with { FromRootHash = both.RootHash }, [first, both]),
        })
            Assert.Equal(1, (await CheckAsync(proof, kept)).ExitCode);

        async Task<(int ExitCode, string Last)> CheckAsync(object proof, params Checkpoint[] kept)
        {
            var (file, checkpoints) = (Path.Combine(directory, "proof.json"), Path.Combine(directory, "kept.ndjson"));
            await File.WriteAllTextAsync(file, JsonSerializer.Serialize(proof, Json.Options));
            await File.WriteAllLinesAsync(checkpoints, kept.Select(checkpoint => JsonSerializer.Serialize(checkpoint, Json.Options)));
            var result = await RunAsync(file, "--checkpoint", checkpoints, "--keys", directory);
            return (result.ExitCode, Last(result));
        }
    }

    private static string Last(CommandResult result) => result.Output.TrimEnd().Split('\n')[^1];

    private static Task<CommandResult> RunAsync(params string[] arguments) => CommandLine.RunAsync(
        TimeSpan.FromMinutes(1), null, new Dictionary<string, string?>(), "dotnet", [Path.Combine(AppContext.BaseDirectory, "personalization.dll"), "verify-audit", .. arguments]);

    private AuditReport Verify(byte[] export, params Checkpoint[] kept) => VerifyAsync(export, kept).GetAwaiter().GetResult();

    private Task<AuditReport> VerifyAsync(byte[] export, params Checkpoint[] kept) => Export.VerifyAsync(keys, export, kept.Length > 0 ? kept : [earlier]);
}
