using System.Net;

namespace Personalization.Client;

/// <summary>What became of an event.</summary>
/// <param name="IsAccepted">Whether something of it is kept, now or since it came before.</param>
/// <param name="Reason">Why it was refused, a stable word; null if it wasn't.</param>
/// <param name="Dropped">Fields of an accepted event that are not kept.</param>
public sealed record EventResult(bool IsAccepted, string? Reason, IReadOnlyList<DroppedField> Dropped);

/// <summary>A field that is not kept.</summary>
/// <param name="Field">Its name.</param>
/// <param name="Reason">Why, a stable word.</param>
public sealed record DroppedField(string Field, string Reason);

/// <summary>
/// A request was not taken: the receiver refused it as a whole, or gave no answer for as long as it was tried. Its events may or may not have been
/// stored; published again under the same ids they are stored once.
/// </summary>
public sealed class EventPublishException(string message, HttpStatusCode? status = null, string? problem = null, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What it was answered with; null if there was no answer.</summary>
    public HttpStatusCode? Status { get; } = status;

    /// <summary>The answer's problem type (RFC 9457), if it had one.</summary>
    public string? Problem { get; } = problem;
}
