namespace Personalization.Cli;

/// <summary>Checks what the system promises, and says so.</summary>
internal sealed class Promises(Narrator narrator)
{
    /// <summary>How many were kept.</summary>
    public int Kept { get; private set; }

    /// <exception cref="BrokenPromiseException">It is not so.</exception>
    public void Expect(bool isKept, string promise, object? was = null)
    {
        if (isKept)
        {
            Kept++;
            narrator.Kept(promise);
            return;
        }

        narrator.Broken(promise);
        throw new BrokenPromiseException(was is null ? promise : $"{promise} It was: {was}");
    }
}

/// <summary>The system did not do what it promises.</summary>
internal sealed class BrokenPromiseException(string message) : Exception(message);
