using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Personalization.Platform;

/// <summary>A line of newline-delimited JSON.</summary>
/// <param name="Bytes">Without the line feed; of one that is too long, its beginning. Valid until the next line is asked for.</param>
/// <param name="IsTooLong">It is longer than what was asked for.</param>
/// <param name="IsEnded">A line feed follows; false only for a last line without one.</param>
public readonly record struct NdjsonLine(ReadOnlyMemory<byte> Bytes, bool IsTooLong, bool IsEnded);

/// <summary>Splits what arrives into lines, at line feeds and nothing else.</summary>
public static class NdjsonLines
{
    /// <summary>The lines in order. Holds one line, and of that at most <paramref name="longest"/> bytes.</summary>
    /// <param name="reader">What arrives; read up to the line that was asked for last.</param>
    /// <param name="longest">Bytes of a line, without the line feed.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async IAsyncEnumerable<NdjsonLine> ReadAsync(PipeReader reader, int longest, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var line = new ArrayBufferWriter<byte>();
        var (isTooLong, isReading) = (false, false);
        var rest = ReadOnlySequence<byte>.Empty;
        try
        {
            while (true)
            {
                var read = await reader.ReadAsync(cancellationToken);
                (rest, isReading) = (read.Buffer, true);
                while (rest.PositionOf((byte)'\n') is { } end)
                {
                    isTooLong |= !Append(line, rest.Slice(0, end), longest);
                    rest = rest.Slice(rest.GetPosition(1, end));
                    yield return new NdjsonLine(line.WrittenMemory, isTooLong, IsEnded: true);
                    line.ResetWrittenCount();
                    isTooLong = false;
                }

                isTooLong |= !Append(line, rest, longest);
                reader.AdvanceTo(rest.End);
                isReading = false;
                if (read.IsCompleted) break;
            }

            if (line.WrittenCount > 0) yield return new NdjsonLine(line.WrittenMemory, isTooLong, IsEnded: false);
        }
        finally
        {
            // Whoever stops in between leaves the reader fit for what comes after.
            if (isReading) reader.AdvanceTo(rest.Start);
        }
    }

    private static bool Append(ArrayBufferWriter<byte> line, ReadOnlySequence<byte> bytes, int longest)
    {
        var room = longest - line.WrittenCount;
        foreach (var part in bytes.Length > room ? bytes.Slice(0, room) : bytes) line.Write(part.Span);
        return bytes.Length <= room;
    }
}
