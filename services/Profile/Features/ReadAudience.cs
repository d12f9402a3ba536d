using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Personalization.Contracts.Profile;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>
/// Hands out the people of a segment to a product service, for the segment's purpose. Gates are read chunk by chunk, so that whoever's revocation
/// was answered is in no chunk begun after it.
/// </summary>
internal static class ReadAudience
{
    private const int LargestChunk = 500;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/audiences/{segment}", HandleAsync)
        .AllowRoles(Roles.Product)
        .Produces<AudienceStart>(StatusCodes.Status200OK, "application/x-ndjson")
        .WithSummary("The people of a segment, as a stream")
        .WithDescription(
            "application/x-ndjson. The first line: {segment, version, purpose, channel, consentNumber, usableUntil}; then {customerId} for each person; the last line: "
            + "{count, consentNumber, usableUntil, isComplete}. A stream that ends with a problem, or without a last line, is resumed with after= the last customer id; "
            + "of several parts the smallest consentNumber and usableUntil count. Strike off whoever GET /withdrawals?after=consentNumber names.");

    private static async Task<Results<AudienceResult, ProblemHttpResult>> HandleAsync(
        string segment, ServiceModule module, DocumentSession session, SubjectRefs refs, IOptions<ProfileOptions> options, ProfileTelemetry telemetry, TimeProvider time,
        CancellationToken cancellationToken, string? purpose = null, string? channel = null, string? after = null, int chunk = LargestChunk)
    {
        if (after is not null && !SubjectRefs.IsCustomerId(after)) return Problems.BadCustomerId();
        if (!module.Lease.IsValid) return AudienceReader.ConsentUnknown();
        if (await session.SegmentAsync(segment, cancellationToken) is not { } found) return Problems.NotFound("segment");
        if (purpose != found.Purpose) return Problems.Of(StatusCodes.Status403Forbidden, "wrong-purpose", "The segment is for another purpose.", "Name the segment's own: GET /segments/{id} says it.");
        if (channel is null || !found.Channels.Contains(channel))
            return Problems.Of(StatusCodes.Status403Forbidden, "wrong-channel", "The segment is not for this channel.", "Name one of the segment's channels.");

        // Read before the first gate: whatever was applied up to it is respected by all that follows.
        var number = (await session.LoadAsync<ConsentPosition>(ConsentPosition.Only, cancellationToken))?.Through ?? 0;
        var reader = new AudienceReader(module, found, Math.Clamp(chunk, 1, LargestChunk), after is null ? "" : refs.Of(after), time);
        var fields = new UsableFields(found.Purpose, await session.EventTypesAsync(cancellationToken));
        var begun = new List<AudienceChunk>();
        do begun.Add(await reader.NextAsync(cancellationToken));
        while (!begun[^1].IsLast && begun.Sum(read => read.CustomerIds.Count) < options.Value.SuppressBelow);

        // What follows a part that was large enough may be small.
        if (!fields.Permit(found.Rule) || (after is null && begun.Sum(read => read.CustomerIds.Count) < options.Value.SuppressBelow))
            return Problems.Of(StatusCodes.Status409Conflict, "audience-too-small", "The segment has fewer people than an audience may have.", "Choose a wider rule, or wait until everybody is evaluated.");

        var now = time.GetUtcNow();
        var start = new AudienceStart(found.Id, found.Version, found.Purpose, channel, number, now.AddHours(options.Value.AudienceUsableHours));
        var isComplete = await session.LoadAsync<EvaluationPass>(EvaluationPass.Only, cancellationToken) is null;
        session.Publish(new AudienceOpened
        {
            SegmentId = found.Id,
            SegmentVersion = found.Version,
            Purpose = found.Purpose,
            Channel = channel,
            ConsentNumber = number,
            IsResumed = after is not null,
            OpenedAt = now,
            UsableUntil = start.UsableUntil,
        });
        await session.UseAsync(fields.TakenBy(found.Rule), new FieldUse(UseKind.Audience, found.Id, now.DayOf(), found.Purpose), cancellationToken);
        return new AudienceResult(start, begun, reader, isComplete, telemetry);
    }
}
