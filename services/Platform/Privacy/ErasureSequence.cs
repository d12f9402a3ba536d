using System.Net.Http.Json;
using Personalization.Contracts.Retention;

namespace Personalization.Platform.Privacy;

/// <summary>An answer of <c>GET /internal/erasures?after=PLACE&amp;holds=BOOL</c>: a page of all erasures that were ever sent, in the order in which they were sent last.</summary>
public sealed record ErasureSequencePage
{
    /// <summary>The erasures after the place asked for, in order, each signed.</summary>
    public required IReadOnlyList<EraseSubject> Erasures { get; init; }

    /// <summary>
    /// Whoever carried out this page has everything up to this place, and need never ask for what is before it. It stays some minutes behind,
    /// because a commit may show an erasure later than the one after it. Ordinal order is the sequence's order; otherwise opaque.
    /// </summary>
    public required string Through { get; init; }

    /// <summary>If asked for: the state, each signed, of everybody on whose data there is a legal hold, or was one that is on record still. Null: not asked for, or an older Retention.</summary>
    public IReadOnlyList<LegalHoldsChanged>? Holds { get; init; }

    /// <summary>The place to ask for next; null: this was the last page.</summary>
    public string? Next { get; init; }
}

/// <summary>Asks Retention for the erasure sequence.</summary>
public sealed class ErasureSequenceClient(HttpClient http)
{
    /// <summary>The page after a place; null: from the beginning.</summary>
    /// <param name="after">The place.</param>
    /// <param name="withHolds">Whether legal holds are asked for too.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="HttpRequestException">Retention can't be reached.</exception>
    public async Task<ErasureSequencePage> ReadAsync(string? after, bool withHolds, CancellationToken cancellationToken) =>
        await http.GetFromJsonAsync<ErasureSequencePage>($"/internal/erasures?after={Uri.EscapeDataString(after ?? "")}{(withHolds ? "&holds=true" : "")}", Json.Options, cancellationToken)
        ?? throw new HttpRequestException("Retention answered without a page.");
}
