using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>What the features that use fields note of it, with their own commit.</summary>
internal static class FieldUsages
{
    /// <summary>The day in UTC, to which uses are kept.</summary>
    public static DateOnly DayOf(this DateTimeOffset time) => DateOnly.FromDateTime(time.UtcDateTime);

    /// <summary>Notes that fields were taken into account. It writes once a day a use, and nothing if all of it is known.</summary>
    public static async Task UseAsync(this DocumentSession session, IEnumerable<TakenField> taken, FieldUse use, CancellationToken cancellationToken)
    {
        var byType = taken.ToLookup(field => field.Type, field => field.Field);
        var usages = await session.LoadManyAsync<FieldUsage>([.. byType.Select(type => type.Key)], cancellationToken);
        foreach (var type in byType)
        {
            var before = usages.GetValueOrDefault(type.Key) ?? new FieldUsage { Type = type.Key };
            if (before.Use(type, use) is var after && after != before) session.Store(after);
        }
    }

    /// <summary>Notes everything declared that takes fields of some event types.</summary>
    /// <param name="session">To be committed by the caller.</param>
    /// <param name="types">All event types.</param>
    /// <param name="metered">Those whose fields are looked at.</param>
    /// <param name="recommenderPurpose"><see cref="ProfileOptions.RecommenderPurpose"/>.</param>
    /// <param name="today">The day.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task MeterAsync(
        this DocumentSession session, IReadOnlyDictionary<string, EventType> types, IEnumerable<EventType> metered, string recommenderPurpose, DateOnly today, CancellationToken cancellationToken)
    {
        var segments = await session.SegmentsAsync(cancellationToken);
        var traits = await session.QueryAsync<Trait>("name", cancellationToken: cancellationToken);
        var all = metered.ToArray();
        var usages = await session.LoadManyAsync<FieldUsage>([.. all.Select(type => type.Type)], cancellationToken);
        foreach (var type in all)
        {
            var before = usages.GetValueOrDefault(type.Type) ?? new FieldUsage { Type = type.Type }.Declare(null, type, today);
            session.Store(before.Meter(types, segments, traits, recommenderPurpose, today));
        }
    }
}
