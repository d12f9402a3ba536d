using System.Globalization;
using System.Text.Json.Serialization;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Profile.Domain;

/// <summary>That a person belongs to a segment, as far as it was found at some consent and until some time.</summary>
public sealed record SegmentMember : ISubjectDocument
{
    /// <inheritdoc/>
    [JsonIgnore]
    public string Id => IdOf(SubjectRef, SegmentId);

    /// <inheritdoc/>
    [JsonIgnore]
    public DataKeyId? DataKey => new(SubjectRef, Epoch);

    /// <summary>The subject's pseudonym.</summary>
    public required string SubjectRef { get; init; }

    /// <summary>The epoch of the data it follows from.</summary>
    public required int Epoch { get; init; }

    /// <summary>The segment.</summary>
    public required string SegmentId { get; init; }

    /// <summary>The version of the segment's rule.</summary>
    public required int SegmentVersion { get; init; }

    /// <summary>The segment's purpose.</summary>
    public required string Purpose { get; init; }

    /// <summary>The consent version of the gate it was found with.</summary>
    public required long ConsentVersion { get; init; }

    /// <summary>Where in the consent stream the person had last taken something back; whatever comes after may make another of it.</summary>
    public required long NarrowedBy { get; init; }

    /// <summary>Since when the person belongs to it without a break, UTC.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>The finding stands until then unless something new is heard, UTC; null: for ever.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Where the membership is.</summary>
    public static string IdOf(string subjectRef, string segmentId) => $"{subjectRef}/{segmentId}";

    /// <summary>Its value in the index of a segment's members, ordered by version and pseudonym.</summary>
    public static string PlaceOf(string segmentId, int version, string subjectRef) =>
        string.Create(CultureInfo.InvariantCulture, $"{segmentId}/{version:D10}/{subjectRef}");

    /// <summary>Whether the person is one of an audience now, by the gate as it is now: whatever was taken back since the finding ends it.</summary>
    public bool IsReachable(SubjectGate gate, DateTimeOffset now) =>
        gate.Epoch == Epoch && gate.NarrowedBy == NarrowedBy && gate.Allows(Purpose, now) && (Until is not { } until || now < until);
}
