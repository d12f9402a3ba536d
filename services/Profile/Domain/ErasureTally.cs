using Personalization.Contracts.Retention;
using Personalization.Platform.Storage;

namespace Personalization.Profile.Domain;

/// <summary>What an erasure that takes several writes has erased so far, so that a crash between them loses no count.</summary>
public sealed record ErasureTally : IDocument
{
    /// <summary>The case id.</summary>
    public required string Id { get; init; }

    /// <summary>Per store and category.</summary>
    public IReadOnlyList<ErasedData> Erased { get; init; } = [];

    /// <summary>The tally with so many more.</summary>
    public ErasureTally Add(string store, string category, string method, int count = 1)
    {
        var known = Erased.FirstOrDefault(erased => erased.Store == store && erased.Category == category && erased.Method == method);
        var next = new ErasedData { Store = store, Category = category, Count = (known?.Count ?? 0) + count, Method = method };
        return this with { Erased = [.. Erased.Where(erased => erased != known), next] };
    }
}
