namespace Personalization.Benchmarks.Harness;

/// <summary>Something measured: sides that do comparable work, run in turn, and figures of each.</summary>
internal interface IMeasurement
{
    /// <summary>What <c>./dev bench NAME</c> calls it.</summary>
    string Name { get; }

    /// <summary>One line.</summary>
    string What { get; }

    /// <summary>Prepares, warms up, measures and shows. Throws when something it measures didn't do what it should: then there is no figure.</summary>
    Task RunAsync(Bench bench, CancellationToken cancellationToken);
}

/// <summary>The machine lacks something a part of a measurement needs.</summary>
internal sealed class SkippedException(string reason) : Exception(reason);
