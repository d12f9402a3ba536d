using System.Globalization;
using System.Text.Json.Serialization;
using Personalization.Contracts.Retention;
using Personalization.Platform.Storage;

namespace Personalization.Retention.Domain;

/// <summary>
/// What of a person's data ended by the retention rules on one day: a line of that day's act. In clear, because the pseudonym and what kind of data it was are all that is in it, and it has to
/// outlive the person's keys.
/// </summary>
public sealed record ErasureActLine : IDocument
{
    /// <inheritdoc/>
    [JsonIgnore]
    public string Id => IdOf(Day, SubjectRef, Epoch);

    /// <summary>UTC.</summary>
    public required DateOnly Day { get; init; }

    /// <summary>The subject's pseudonym.</summary>
    public required string SubjectRef { get; init; }

    /// <summary>The epoch it was collected in.</summary>
    public required int Epoch { get; init; }

    /// <summary>What the services said, as they signed it, in the order in which it came.</summary>
    public required IReadOnlyList<SubjectDataExpired> Reports { get; init; }

    /// <summary>Where it is.</summary>
    public static string IdOf(DateOnly day, string subjectRef, int epoch) => string.Create(CultureInfo.InvariantCulture, $"{PlaceOf(day)}{subjectRef}/{epoch}");

    /// <summary>What the ids of a day begin with.</summary>
    public static string PlaceOf(DateOnly day) => string.Create(CultureInfo.InvariantCulture, $"{day:yyyy-MM-dd}/");

    /// <summary>The day of a report.</summary>
    public static DateOnly DayOf(SubjectDataExpired report) => DateOnly.FromDateTime(report.ErasedAt.UtcDateTime);
}
