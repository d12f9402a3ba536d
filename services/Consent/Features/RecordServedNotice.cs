using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Consent.Domain;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>Body of <c>POST /purposes/{id}/served</c>. Other members are not taken.</summary>
/// <param name="NoticeVersion">The version shown; it must be the current one.</param>
/// <param name="Language">The language it was shown in.</param>
/// <param name="Channel">Where, <c>web</c> for example; 1 to 32 letters, digits, '-'.</param>
public sealed record RecordServedNoticeRequest(int NoticeVersion, string Language, string Channel);

/// <summary>The record.</summary>
/// <param name="ServedNoticeId">What a decision names.</param>
/// <param name="ServedAt">UTC.</param>
public sealed record ServedNoticeAnswer(string ServedNoticeId, DateTimeOffset ServedAt);

/// <summary>A page that asks records that it showed the notice; nothing of the person, the device or the network is taken, so nothing leads from the record to a person until they decide.</summary>
internal static class RecordServedNotice
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/purposes/{id}/served", HandleAsync)
        .AllowRolesAndAnyPerson(Roles.Product)
        .WithSummary("Record that a notice was shown")
        .WithDescription("The decision made on it names it as servedNoticeId, so that the proof of consent holds when the person was told.");

    /// <summary>What to read ahead for a decision.</summary>
    internal static DocumentKey[] KeysOf(DocumentSession session, string? servedNoticeId) => servedNoticeId is null ? [] : [session.Key<ServedNotice>(servedNoticeId)];

    /// <summary>The record that a decision names, or why it can't.</summary>
    internal static async Task<(ServedNotice? Served, Refusal? Refusal)> FindAsync(
        DocumentSession session, string? servedNoticeId, string purpose, int noticeVersion, string language, DateTimeOffset decidedAt, CancellationToken cancellationToken)
    {
        if (servedNoticeId is null) return (null, null);
        var served = await session.LoadAsync<ServedNotice>(servedNoticeId, cancellationToken);
        return (served, Refusals.OfServedNotice(served, purpose, noticeVersion, language, decidedAt));
    }

    private static async Task<Results<Created<ServedNoticeAnswer>, ProblemHttpResult>> HandleAsync(
        string id, RecordServedNoticeRequest request, DocumentSession session, TimeProvider time, CancellationToken cancellationToken)
    {
        var purpose = await session.LoadAsync<Purpose>(id, cancellationToken);
        if (Refusals.OfNotice(purpose, request.NoticeVersion, request.Language, request.Channel) is { } refusal) return refusal.ToProblem();
        var served = new ServedNotice
        {
            Id = "sn_" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16)),
            Purpose = id,
            NoticeVersion = request.NoticeVersion,
            Language = request.Language,
            Channel = request.Channel,
            ServedAt = time.GetUtcNow(),
        };
        session.Store(served);
        return TypedResults.Created((string?)null, new ServedNoticeAnswer(served.Id, served.ServedAt));
    }
}
