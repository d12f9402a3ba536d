using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>A product service that takes part in erasures, without its secrets.</summary>
/// <param name="Name">As it is registered.</param>
/// <param name="Participant">As erasure cases name it.</param>
/// <param name="Url">Where it is told.</param>
/// <param name="RegisteredAt">UTC.</param>
/// <param name="Owes">How many receipts it owes.</param>
/// <param name="OpenDsr">Of one that is told by OpenDSR: what its discovery said; absent of others.</param>
internal sealed record ParticipantView(string Name, string Participant, Uri Url, DateTimeOffset RegisteredAt, long Owes, OpenDsrView? OpenDsr)
{
    /// <summary>The view of a participant.</summary>
    public static async Task<ParticipantView> OfAsync(Participant participant, DocumentSession session, CancellationToken cancellationToken) => new(
        participant.Name, Contracts.Retention.ExternalParticipant.NameOf(participant.Name), participant.Url, participant.RegisteredAt,
        await session.OwedAsync(participant.Name, cancellationToken), participant.OpenDsr is { } processor ? OpenDsrView.Of(processor) : null);
}

/// <summary>A processor that is told by OpenDSR, without what it is told with.</summary>
/// <param name="Domain">Who signs.</param>
/// <param name="CertificateUntil">Until when its certificate is in force, UTC; register it again before.</param>
/// <param name="Regulation">The regulation that requests are made under.</param>
/// <param name="Purposes">It is told when one of these is taken back, or all are.</param>
internal sealed record OpenDsrView(string Domain, DateTimeOffset CertificateUntil, string Regulation, IReadOnlyList<string> Purposes)
{
    /// <summary>The view of one.</summary>
    public static OpenDsrView Of(OpenDsrProcessor processor) => new(processor.Domain, processor.CertificateUntil(), processor.Regulation, processor.Purposes);
}

/// <summary>The product services that take part in erasures.</summary>
internal static class ListParticipants
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/participants", HandleAsync)
        .AllowRoles(Roles.Operator, Roles.Officer, Roles.Service)
        .ShowsNobody()
        .WithSummary("Product services that take part in erasures, and how many receipts each owes");

    /// <summary>How many receipts a participant owes.</summary>
    public static Task<long> OwedAsync(this DocumentSession session, string participant, CancellationToken cancellationToken) =>
        session.CountAsync<ErasureNotice>("due", after: $"{participant}/", atMost: ErasureNotice.EndOf(participant), cancellationToken: cancellationToken);

    private static async Task<Ok<Answer>> HandleAsync(DocumentSession session, CancellationToken cancellationToken)
    {
        var views = new List<ParticipantView>();
        foreach (var participant in await session.QueryAsync<Participant>("name", cancellationToken: cancellationToken))
            views.Add(await ParticipantView.OfAsync(participant, session, cancellationToken));
        return TypedResults.Ok(new Answer(views, null));
    }

    /// <summary>All of them.</summary>
    internal sealed record Answer(IReadOnlyList<ParticipantView> Items, string? Next);
}
