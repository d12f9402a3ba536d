using System.Text.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Options;
using Personalization.Consent.Domain;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>Answer to a decision.</summary>
/// <param name="ReceiptId">The proof; null if everything was so already.</param>
/// <param name="Version">The subject's consent version.</param>
/// <param name="Epoch">The subject's epoch.</param>
/// <param name="CaseId">The erasure case that follows what was narrowed.</param>
/// <param name="InForce">Where it is in force.</param>
/// <param name="Rewards">What the purpose gives for openness, if it was granted; nothing depends on it.</param>
public sealed record DecisionAnswer(string? ReceiptId, long Version, int Epoch, string? CaseId, InForce InForce, IReadOnlyList<DecisionReward> Rewards);

/// <summary>
/// Runs after the unit of work was committed: 200 once every serving service applied the decision, 202 naming those still missing when the
/// wait is over. Nothing is answered before the change is durable.
/// </summary>
internal sealed class DecisionResult(ConsentRecord record, string? receiptId, string? caseId, bool isNarrowing) : IRepeatableResult<DecisionResult>, IEndpointMetadataProvider
{
    /// <summary>The state that is answered.</summary>
    public ConsentRecord Record => record;

    /// <summary>The proof; null if everything was so already.</summary>
    public string? ReceiptId => receiptId;

    /// <summary>What was given for it.</summary>
    public IReadOnlyList<DecisionReward> Rewards { get; init; } = [];

    public static DecisionResult Of(ConsentChange change, LedgerEntry entry, IReadOnlyList<DecisionReward>? rewards = null) => new(
        change.Record, entry.ReceiptId, change.Narrowed.Count > 0 ? ErasureCaseId.Of(change.Record.Id, change.Record.Version) : null, change.Narrowed.Count > 0)
    {
        Rewards = rewards ?? [],
    };

    /// <summary>Everything was so already; the case of an earlier narrowing is named again, so that a repeated request gets the same answer.</summary>
    public static DecisionResult Unchanged(ConsentRecord record, bool named, IReadOnlyList<DecisionReward>? rewards = null) => new(
        record, null, named && record.NarrowedVersion > 0 ? ErasureCaseId.Of(record.Id, record.NarrowedVersion) : null, isNarrowing: false)
    {
        Rewards = rewards ?? [],
    };

    /// <summary>The same decision with the present <see cref="InForce"/>. Rewards are read where they are kept; one that has gone since is left out.</summary>
    public static async Task<DecisionResult> RecallAsync(string remembered, HttpContext http)
    {
        var answer = JsonSerializer.Deserialize<Remembered>(remembered, Json.Options)!;
        var subject = http.RequestServices.GetRequiredService<SubjectRefs>().Of((string)http.GetRouteValue("customerId")!);
        var session = http.RequestServices.GetRequiredService<DocumentSession>();
        var kept = await session.LoadManyAsync<RewardGrant>([.. answer.Rewards.Select(reward => RewardGrant.IdOf(subject, reward.RewardId))], http.RequestAborted);
        var record = new ConsentRecord { Id = subject, Version = answer.Version, Epoch = answer.Epoch };
        return new DecisionResult(record, answer.ReceiptId, answer.CaseId, isNarrowing: false)
        {
            Rewards =
            [
                .. from reward in answer.Rewards
                   let grant = kept.GetValueOrDefault(RewardGrant.IdOf(subject, reward.RewardId))
                   where grant?.GrantId == reward.GrantId
                   select new DecisionReward(grant.GrantId, grant.RewardId, grant.Kind, grant.Code, grant.GrantedAt, reward.IsNew),
            ],
        };
    }

    /// <inheritdoc/>
    public string Remember() => JsonSerializer.Serialize(
        new Remembered(record.Version, record.Epoch, [.. Rewards.Select(reward => new RememberedReward(reward.GrantId, reward.RewardId, reward.IsNew))], receiptId, caseId),
        Json.Options);

    public static void PopulateMetadata(System.Reflection.MethodInfo method, EndpointBuilder builder)
    {
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(DecisionAnswer), ["application/json"]));
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status202Accepted, typeof(DecisionAnswer), ["application/json"]));
    }

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var inForce = await WaitAsync(httpContext);
        httpContext.Response.Headers.ETag = ConsentETag.Of(record.Version);
        httpContext.Response.StatusCode = inForce.WaitingFor.Count == 0 ? StatusCodes.Status200OK : StatusCodes.Status202Accepted;
        await httpContext.Response.WriteAsJsonAsync(new DecisionAnswer(receiptId, record.Version, record.Epoch, caseId, inForce, Rewards), Json.Options, httpContext.RequestAborted);
    }

    /// <summary>Where the decision is in force once every serving service applied it or the wait is over.</summary>
    public async Task<InForce> WaitAsync(HttpContext httpContext)
    {
        var services = httpContext.RequestServices;
        var time = services.GetRequiredService<TimeProvider>();
        var waiter = services.GetRequiredService<InForceWaiter>();
        services.GetRequiredService<NumberConsentChanges>().Wake();
        var started = time.GetTimestamp();
        var atMost = TimeSpan.FromMilliseconds(services.GetRequiredService<IOptions<ConsentOptions>>().Value.WaitForMilliseconds);
        if (record.Version == 0) return new InForce("yes", [], []);
        var inForce = await waiter.WaitAsync(record.Id, record.Version, atMost, httpContext.RequestAborted);
        if (isNarrowing) services.GetRequiredService<ConsentTelemetry>().InForce(time.GetElapsedTime(started), inForce.WaitingFor.Count == 0);
        return inForce;
    }

    private sealed record Remembered(long Version, int Epoch, IReadOnlyList<RememberedReward> Rewards, string? ReceiptId = null, string? CaseId = null);

    private sealed record RememberedReward(string GrantId, string RewardId, bool IsNew);
}
