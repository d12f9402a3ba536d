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

    /// <summary>The tally with one more.</summary>
    public ErasureTally Add(string store, string category, string method = "erased")
    {
        var known = Erased.FirstOrDefault(erased => erased.Store == store && erased.Category == category && erased.Method == method);
        var next = new ErasedData { Store = store, Category = category, Count = (known?.Count ?? 0) + 1, Method = method };
        return this with { Erased = [.. Erased.Where(erased => erased != known), next] };
    }

    /// <summary>The tally with one more of which only the row was left: what it said went with its key.</summary>
    public ErasureTally AddUnreadable(string store) => Add(store, "unreadable", "key-destroyed");
}
