using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>A processor says how an OpenDSR request stands. It has no token of ours: the signature over the body, as it stands on the wire, says who it is; without one nothing of it is read.</summary>
internal static class TakeOpenDsrCallback
{
    private const int LongestBody = 64 * 1024;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/participants/{name}/callbacks", HandleAsync)
        .AllowAnonymous()
        .Accepts<OpenDsr.Status>("application/json")
        .WithMetadata(new RequestSizeLimitAttribute(LongestBody))
        .WithSummary("An OpenDSR 2.0 status callback, signed with the processor's certificate");

    private static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        string name, HttpRequest request, DocumentSession session, ProfileTelemetry telemetry, TimeProvider time, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        await request.Body.CopyToAsync(buffer, cancellationToken);
        var (body, now) = (buffer.ToArray(), time.GetUtcNow());
        if (await session.LoadAsync<Participant>(name, cancellationToken) is not { OpenDsr: { } processor }
            || !processor.IsSigned(request.Headers[OpenDsr.DomainHeader], request.Headers[OpenDsr.SignatureHeader], body, now))
        {
            telemetry.CountParticipantAnswer("unsigned");
            return Problems.Of(StatusCodes.Status403Forbidden, "callback-unsigned", "The callback is not signed by the processor.", $"{OpenDsr.SignatureHeader} covers the body as it was sent.");
        }

        if (OpenDsr.StatusOf(body) is not { SubjectRequestId: { } requestId } status)
        {
            telemetry.CountParticipantAnswer("mismatching");
            return Problems.Of(StatusCodes.Status400BadRequest, "bad-callback", "The callback can't be read.", "subject_request_id and request_status, as OpenDSR 2.0 has them.");
        }

        // Also one that is answered for: it may be told of twice.
        if (await session.QueryAsync<ErasureNotice>("request", equalTo: requestId, limit: 1, cancellationToken: cancellationToken) is not [{ } found]
            || found.Participant != name || await session.LoadAsync<ErasureNotice>(found.Id, cancellationToken) is not { Receipt: null } notice)
            return TypedResults.NoContent();
        try
        {
            if (OpenDsr.ReceiptOf(status, notice, now) is { } receipt) session.Store(notice.Answered(receipt, now));
            telemetry.CountParticipantAnswer(status.RequestStatus == "completed" ? "answered" : "noted");
        }
        catch (ParticipantFailedException failed)
        {
            telemetry.CountParticipantAnswer(failed.Outcome);
        }

        return TypedResults.NoContent();
    }
}
