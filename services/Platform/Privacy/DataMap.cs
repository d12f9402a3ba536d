using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Personalization.Contracts.Audit;
using Personalization.Platform.Storage;

namespace Personalization.Platform.Privacy;

/// <summary>What a service's map says that isn't in its code: what people have declared to it while it ran, and how it is set up.</summary>
public interface IDataMapCompletion
{
    /// <summary>The map with what this service knows besides.</summary>
    /// <param name="map">As the code declares it.</param>
    /// <param name="session">To read from.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<DataMapAnnounced> CompleteAsync(DataMapAnnounced map, DocumentSession session, CancellationToken cancellationToken);
}

/// <summary>Changes of a map.</summary>
public static class DataMaps
{
    /// <summary>The map with other contents of one collection.</summary>
    /// <exception cref="InvalidOperationException">The map has no such collection.</exception>
    public static DataMapAnnounced With(this DataMapAnnounced map, string collection, Func<CollectionContents, CollectionContents> complete)
    {
        if (!map.Collections.Any(held => held.Name == collection)) throw new InvalidOperationException($"The map has no collection {collection}.");
        return map with { Collections = [.. map.Collections.Select(held => held.Name == collection ? held with { Contents = complete(held.Contents) } : held)] };
    }

    /// <summary>The map without what changes from hour to hour: two that are alike in this say the same.</summary>
    public static DataMapAnnounced Unchanging(this DataMapAnnounced map) => map with
    {
        AnnouncedAt = default,
        Collections = [.. map.Collections.Select(held => held with { Documents = null, OldestOn = null, ExpiresNextOn = null })],
    };
}

/// <summary>
/// Says what the service's stores hold: at start, every hour, and within a minute of a change of what people declare. Every instance does; the
/// map of now is the same in all of them.
/// </summary>
internal sealed partial class AnnounceDataMap(
    ServiceModule module, SubjectRefs refs, IServiceProvider services, IHostApplicationLifetime host, TimeProvider time, ILogger<AnnounceDataMap> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);
    private (string Map, long Hour) announced;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Which roles an endpoint is for is known once all are mapped.
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (host.ApplicationStarted.Register(started.SetResult)) await started.Task.WaitAsync(stoppingToken);
        await time.RepeatAsync(Every, AnnounceAsync, LogFailed, stoppingToken);
    }

    private async Task AnnounceAsync(CancellationToken cancellationToken)
    {
        var session = module.OpenSession();
        var now = time.GetUtcNow();
        var map = await module.DescribeAsync(new DataMapAnnounced { Participant = module.Name, Region = refs.Region, AnnouncedAt = now, Collections = [] }, services, session, cancellationToken);
        var next = (JsonSerializer.Serialize(map.Unchanging(), Json.Options), now.UtcTicks / TimeSpan.TicksPerHour);
        if (announced == next) return;
        session.Publish(await CountedAsync(map, cancellationToken));
        await session.CommitAsync(cancellationToken);
        announced = next;
    }

    private async Task<DataMapAnnounced> CountedAsync(DataMapAnnounced map, CancellationToken cancellationToken)
    {
        var counts = await module.Store.CountCollectionsAsync(cancellationToken);
        var keys = await module.Keys.CountCollectionsAsync(cancellationToken);
        var counted = new List<DataMapEntry>();
        foreach (var held in map.Collections)
        {
            counted.Add(held.Store == ServiceModule.KeyStoreName ? held with { Documents = keys[held.Name] } : held with
            {
                Documents = counts[held.Name],
                OldestOn = held.Contents.DatedBy is { } field ? await FirstDayAsync(held.Name, field, cancellationToken) : null,
                ExpiresNextOn = module.HasField(held.Name, "expires") ? await FirstDayAsync(held.Name, "expires", cancellationToken) : null,
            });
        }

        return map with { Collections = counted };
    }

    /// <summary>The day of the smallest value of a field whose values begin with a time.</summary>
    private async Task<DateOnly?> FirstDayAsync(string collection, string field, CancellationToken cancellationToken) =>
        (await module.Store.QueryAsync(new DocumentQuery(collection, field, Limit: 1), cancellationToken)) is [var first]
            ? DateOnly.ParseExact(first.Fields[field].AsSpan(0, "yyyy-MM-dd".Length), "yyyy-MM-dd", CultureInfo.InvariantCulture)
            : null;

    [LoggerMessage(LogLevel.Warning, "Announcing the data map failed ({Error}); it is tried again")]
    private partial void LogFailed(string error);
}
