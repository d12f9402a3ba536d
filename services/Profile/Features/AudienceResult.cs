using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Personalization.Platform;

namespace Personalization.Profile.Features;

/// <summary>The first line of an audience.</summary>
/// <param name="Segment">The segment.</param>
/// <param name="Version">Of its rule.</param>
/// <param name="Purpose">The one purpose it may be used for.</param>
/// <param name="Channel">Where it may be used.</param>
/// <param name="ConsentNumber">Every consent up to this number of the stream is respected; later withdrawals are to be fetched.</param>
/// <param name="UsableUntil">At the latest, UTC.</param>
public sealed record AudienceStart(string Segment, int Version, string Purpose, string Channel, long ConsentNumber, DateTimeOffset UsableUntil);

/// <summary>A line of an audience.</summary>
/// <param name="CustomerId">Whom it may reach.</param>
public sealed record AudiencePerson(string CustomerId);

/// <summary>The last line of an audience.</summary>
/// <param name="Count">People in this stream.</param>
/// <param name="ConsentNumber">As in the first line.</param>
/// <param name="UsableUntil">Or until the first of their grants ends, UTC.</param>
/// <param name="IsComplete">Whether everybody had been looked at when it began.</param>
public sealed record AudienceEnd(int Count, long ConsentNumber, DateTimeOffset UsableUntil, bool IsComplete);

/// <summary>An audience on its way: each chunk is made when the one before was sent.</summary>
internal sealed class AudienceResult(AudienceStart start, IReadOnlyList<AudienceChunk> begun, AudienceReader reader, bool isComplete, ProfileTelemetry telemetry) : IResult
{
    private static readonly byte[] LineFeed = "\n"u8.ToArray();

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (response, cancelled) = (httpContext.Response, httpContext.RequestAborted);
        response.ContentType = "application/x-ndjson";
        response.Headers.CacheControl = "no-store";
        httpContext.Features.GetRequiredFeature<IHttpResponseBodyFeature>().DisableBuffering();
        await WriteAsync(response, start, cancelled);

        var (count, usableUntil) = (0, start.UsableUntil);
        for (var index = 0; ; index++)
        {
            var chunk = index < begun.Count ? begun[index] : await reader.NextAsync(cancelled);
            if (chunk.Failure is { } failure)
            {
                await WriteAsync(response, failure.ProblemDetails, cancelled);
                return;
            }

            foreach (var customer in chunk.CustomerIds) await WriteAsync(response, new AudiencePerson(customer), cancelled);
            await response.BodyWriter.FlushAsync(cancelled);
            telemetry.CountHandedOut(chunk.CustomerIds.Count);
            count += chunk.CustomerIds.Count;
            if (chunk.UsableUntil < usableUntil) usableUntil = chunk.UsableUntil.Value;
            if (chunk.IsLast) break;
        }

        await WriteAsync(response, new AudienceEnd(count, start.ConsentNumber, usableUntil, isComplete), cancelled);
    }

    private static async Task WriteAsync<T>(HttpResponse response, T line, CancellationToken cancellationToken)
    {
        await response.BodyWriter.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(line, Json.Options), cancellationToken);
        await response.BodyWriter.WriteAsync(LineFeed, cancellationToken);
    }
}
