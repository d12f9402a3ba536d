using System.Text;

namespace Personalization.Benchmarks.Harness;

/// <summary>Writes everything to two writers.</summary>
internal sealed class BothWriters(TextWriter one, TextWriter other) : TextWriter
{
    public override Encoding Encoding => one.Encoding;

    public override void Write(char value)
    {
        one.Write(value);
        other.Write(value);
    }

    public override void Write(string? value)
    {
        one.Write(value);
        other.Write(value);
    }

    public override void WriteLine(string? value) => Write(value + Environment.NewLine);
}
