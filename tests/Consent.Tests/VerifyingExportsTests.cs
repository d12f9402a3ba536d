using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Personalization.Platform.Security;
using Xunit;

namespace Personalization.Consent.Tests;

public sealed class VerifyingExportsTests : IDisposable
{
    private readonly SampleLedger ledger = new();

    public void Dispose() => ledger.Dispose();

    [Fact]
    public async Task A_ledger_as_it_was_exported_is_right_with_and_without_the_erased()
    {
        var report = await ledger.VerifyAsync(ledger.Export(subjects: 4, decisions: 3));

        Assert.Null(report.FirstWrong);
        Assert.Equal((12, 4, 9, 12), (report.Links, report.Subjects, report.Decisions, report.Header!.Through));
    }

    [Fact]
    public async Task A_ledger_without_any_decision_is_right()
    {
        var report = await ledger.VerifyAsync(ledger.Export(subjects: 0, decisions: 0));

        Assert.Null(report.FirstWrong);
        Assert.Equal(0, report.Links);
    }

    [Fact]
    public async Task A_flip_in_any_byte_is_found_on_its_line()
    {
        var export = ledger.Export(subjects: 3, decisions: 2);
        var missed = new List<string>();
        await Parallel.ForEachAsync(Enumerable.Range(0, export.Length), async (position, _) =>
        {
            var changed = (byte[])export.Clone();
            // The lowest, that of letter case, the highest, and each other one somewhere.
            foreach (var bit in new[] { 0, 5, 7, position % 8 })
            {
                changed[position] = (byte)(export[position] ^ (1 << bit));
                var found = (await ledger.VerifyAsync(changed)).FirstWrong;
                if (found?.Line == LineOf(export, position)) continue;
                lock (missed) missed.Add($"bit {bit} of byte {position} of line {LineOf(export, position)}: {found}");
            }
        });

        Assert.Empty(missed);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public async Task A_signature_is_written_in_one_way_only(int line)
    {
        var lines = Lines(ledger.Export(subjects: 3, decisions: 2));

        // Of the last of its characters only the upper two bits are of the signature.
        var last = lines[line - 1].AsSpan().IndexOf("\"signature\":\""u8) + "\"signature\":\"".Length + 85;
        var own = lines[line - 1][last];
        foreach (var other in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".Where(other => other != own))
        {
            lines[line - 1][last] = (byte)other;

            Assert.Equal(line, (await ledger.VerifyAsync(Join(lines))).FirstWrong?.Line);
        }

        lines[line - 1][last] = own;
        Assert.Null((await ledger.VerifyAsync(Join(lines))).FirstWrong);
    }

    [Fact]
    public async Task A_flipped_byte_of_a_large_ledger_is_found_on_its_line()
    {
        var export = ledger.Export(subjects: 2500, decisions: 4);
        Assert.Null((await ledger.VerifyAsync(export)).FirstWrong);
        var random = new Random(20260302);
        for (var sample = 0; sample < 40; sample++)
        {
            var (position, flipped) = (random.Next(export.Length), (byte)random.Next(1, 256));
            export[position] ^= flipped;
            var found = (await ledger.VerifyAsync(export)).FirstWrong;
            export[position] ^= flipped;

            Assert.True(found?.Line == LineOf(export, position), $"Byte {position} of line {LineOf(export, position)} flipped by {flipped}: {found}");
        }
    }

    [Fact]
    public async Task Lines_that_changed_places_are_found_at_the_first()
    {
        var lines = Lines(ledger.Export(subjects: 4, decisions: 3));
        for (var first = 0; first < lines.Length; first++)
        {
            for (var second = first + 1; second < lines.Length; second++)
            {
                var changed = lines.ToArray();
                (changed[first], changed[second]) = (lines[second], lines[first]);

                Assert.Equal(first + 1, (await ledger.VerifyAsync(Join(changed))).FirstWrong?.Line);
            }
        }
    }

    [Fact]
    public async Task A_line_that_was_taken_out_is_found_where_it_was()
    {
        var lines = Lines(ledger.Export(subjects: 4, decisions: 3));
        for (var line = 0; line < lines.Length; line++)
            Assert.Equal(line + 1, (await ledger.VerifyAsync(Join([.. lines[..line], .. lines[(line + 1)..]]))).FirstWrong?.Line);
    }

    [Fact]
    public async Task A_line_that_is_there_twice_is_found_the_second_time()
    {
        var lines = Lines(ledger.Export(subjects: 4, decisions: 3));
        for (var line = 0; line < lines.Length; line++)
            Assert.Equal(line + 2, (await ledger.VerifyAsync(Join([.. lines[..line], lines[line], .. lines[line..]]))).FirstWrong?.Line);
    }

    [Fact]
    public async Task A_ledger_that_was_cut_anywhere_is_found_out_at_its_end()
    {
        var export = ledger.Export(subjects: 3, decisions: 2);
        for (var length = 0; length < export.Length; length++)
            Assert.Equal(LineOf(export, length), (await ledger.VerifyAsync(export[..length])).FirstWrong?.Line);
    }

    [Fact]
    public async Task What_was_put_behind_the_end_is_found()
    {
        var export = ledger.Export(subjects: 3, decisions: 2);

        Assert.Equal(9, (await ledger.VerifyAsync([.. export, (byte)'\n'])).FirstWrong?.Line);
        Assert.Equal(9, (await ledger.VerifyAsync([.. export, (byte)' '])).FirstWrong?.Line);
        Assert.Equal(9, (await ledger.VerifyAsync([.. export, .. export])).FirstWrong?.Line);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(8)]
    public async Task The_same_said_in_other_bytes_is_not_what_was_exported(int line)
    {
        var lines = Lines(ledger.Export(subjects: 3, decisions: 2));
        var text = Encoding.UTF8.GetString(lines[line - 1]);
        string[] others =
        [
            text.Replace(":", ": ", StringComparison.Ordinal),
            text + "\r",
            " " + text,
            text.Replace("{", "{\"more\":1,", StringComparison.Ordinal),
            Regex.Replace(text, "\"(consent-1|web|api)\"", word => $"\"\\u{(int)word.Value[1]:x4}{word.Value[2..]}"),
        ];
        foreach (var other in others)
        {
            Assert.NotEqual(text, other);
            lines[line - 1] = Encoding.UTF8.GetBytes(other);

            Assert.Equal(line, (await ledger.VerifyAsync(Join(lines))).FirstWrong?.Line);
        }
    }

    [Fact]
    public async Task A_chain_that_was_made_anew_without_the_key_is_found_at_the_end()
    {
        using var other = new SampleLedger();
        var (own, foreign) = (Lines(ledger.Export(subjects: 3, decisions: 2)), Lines(other.Export(subjects: 3, decisions: 2)));

        var wrong = (await ledger.VerifyAsync(Join([own[0], .. foreign[1..^1], own[^1]]))).FirstWrong;

        Assert.Equal(8, wrong?.Line);
        Assert.Equal(1, (await ledger.VerifyAsync(Join(foreign))).FirstWrong?.Line);
    }

    [Fact]
    public async Task Lines_that_were_moved_or_taken_out_and_numbered_anew_are_found_by_the_chain()
    {
        var lines = Lines(ledger.Export(subjects: 3, decisions: 2));

        Assert.Equal(2, await WrongAsync([lines[0], .. lines[2..]]));
        Assert.Equal(4, await WrongAsync([.. lines[..3], .. lines[4..]]));
        Assert.Equal(4, await WrongAsync([lines[0], .. lines[3..5], .. lines[1..3], .. lines[5..]]));
        Assert.Equal(3, await WrongAsync([.. lines[..2], .. lines[1..]]));
        Assert.Equal(7, await WrongAsync([.. lines[..^2], lines[^1]]));

        async Task<long?> WrongAsync(byte[][] changed) => (await ledger.VerifyAsync(Join([.. changed.Select(Numbered)]))).FirstWrong?.Line;

        static byte[] Numbered(byte[] line, int index) =>
            Encoding.UTF8.GetBytes(Regex.Replace(Encoding.UTF8.GetString(line), "\"line\":[0-9]+", $"\"line\":{index + 1}"));
    }

    [Fact]
    public async Task A_decision_that_was_taken_out_or_put_beside_another_link_is_found()
    {
        var lines = Lines(ledger.Export(subjects: 3, decisions: 2));
        var (second, third) = (JsonNode.Parse(lines[1])!.AsObject(), JsonNode.Parse(lines[2])!.AsObject());
        var (entry, other) = (second["entry"]!.DeepClone(), third["entry"]!.DeepClone());

        second.Remove("entry");
        var without = await ledger.VerifyAsync(Join([lines[0], CanonicalJson.Of(second), .. lines[2..]]));
        second["entry"] = other;
        var swapped = await ledger.VerifyAsync(Join([lines[0], CanonicalJson.Of(second), .. lines[2..]]));
        second["entry"] = entry;
        second["entry"]!["frozenAt"] = second["entry"]!["decidedAt"]!.DeepClone();
        var more = await ledger.VerifyAsync(Join([lines[0], CanonicalJson.Of(second), .. lines[2..]]));

        Assert.Equal((8, 2, 2), (without.FirstWrong?.Line, swapped.FirstWrong?.Line, more.FirstWrong?.Line));
    }

    [Fact]
    public async Task An_export_without_decisions_holds_none()
    {
        var (links, decisions) = (Lines(ledger.Export(3, 2, withDecisions: false)), Lines(ledger.Export(3, 2)));

        Assert.Null((await ledger.VerifyAsync(Join(links))).FirstWrong);
        Assert.Equal(2, (await ledger.VerifyAsync(Join([links[0], .. decisions[1..]]))).FirstWrong?.Line);
    }

    private static int LineOf(byte[] export, int position) => 1 + export.AsSpan(0, position).Count((byte)'\n');

    private static byte[][] Lines(byte[] export) =>
        [.. Encoding.UTF8.GetString(export)[..^1].Split('\n').Select(Encoding.UTF8.GetBytes)];

    private static byte[] Join(byte[][] lines) => [.. lines.SelectMany(line => line.Append((byte)'\n'))];
}
