using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Personalization.Contracts.Consent;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Storage;

namespace Personalization.Retention.Domain;

/// <summary>Why a case was opened.</summary>
public enum ErasureReason
{
    /// <summary>The person narrowed what they permit.</summary>
    Revoked,

    /// <summary>A grant's validity ended.</summary>
    Expired,

    /// <summary>The person demanded it.</summary>
    Requested,

    /// <summary>An authority ordered it.</summary>
    Ordered,

    /// <summary>A retention rule kept it no longer. No case is opened for that: it is a line of the day's act.</summary>
    TermEnded,
}

/// <summary>Where a case stands.</summary>
public enum ErasureState
{
    /// <summary>Nobody has answered yet.</summary>
    Awaiting,

    /// <summary>Some participants have done it, others haven't.</summary>
    Partial,

    /// <summary>A participant says that it can't: an operator has to see to it.</summary>
    Failed,

    /// <summary>Everybody has done it but for what a legal hold keeps; when that ends, the case goes on by itself.</summary>
    Retained,

    /// <summary>Every expected receipt is in.</summary>
    Completed,

    /// <summary>It was demanded and may be taken back: nothing is used meanwhile, and nothing is erased.</summary>
    CoolingOff,

    /// <summary>The demand was taken back in time: nothing was erased.</summary>
    Cancelled,
}

/// <summary>One erasure from its cause to the last receipt. Sealed with a key that outlives the subject's own, because it is the proof that theirs is gone.</summary>
public sealed record ErasureCase : ISubjectDocument
{
    // The end of a hold sends it at once; this is for an end that a participant hadn't heard of when it answered.
    private static readonly TimeSpan WhileOnHold = TimeSpan.FromDays(1);

    /// <inheritdoc/>
    [JsonIgnore]
    public string Id => CoolingOff is { } coolingOff ? IdOf(coolingOff) : ErasureCaseId.Of(SubjectRef, Version);

    /// <summary>The subject's pseudonym.</summary>
    public required string SubjectRef { get; init; }

    /// <summary>The caller's id of the person, for the certificate; null unless they demanded it, since nobody else names them here.</summary>
    public string? CustomerId { get; init; }

    /// <summary>The epoch it erases in.</summary>
    public required int Epoch { get; init; }

    /// <summary>The consent version that opened it.</summary>
    public required long Version { get; init; }

    /// <summary>Everything of the epoch goes, not only what is narrowed.</summary>
    public required bool WholeEpoch { get; init; }

    /// <summary>What stopped being permitted.</summary>
    public required IReadOnlyList<NarrowedConsent> Narrowed { get; init; }

    /// <summary>Why.</summary>
    public required ErasureReason Reason { get; init; }

    /// <summary>Which authority ordered it, and by what; null: none did.</summary>
    public string? Order { get; init; }

    /// <summary>When it was opened, UTC.</summary>
    public required DateTimeOffset OpenedAt { get; init; }

    /// <summary>By when the law wants it done, UTC.</summary>
    public required DateTimeOffset DueAt { get; init; }

    /// <summary>Whether that was counted through a year of which only the statutory holidays were known.</summary>
    public bool IsDueEstimated { get; init; }

    /// <summary>When it was told that the deadline is near, UTC; null if it wasn't.</summary>
    public DateTimeOffset? ToldDueAt { get; init; }

    /// <summary>When it was told that the deadline is over, UTC; null if it wasn't.</summary>
    public DateTimeOffset? ToldOverdueAt { get; init; }

    /// <summary>Who has to answer: those deployed when it was opened.</summary>
    public required IReadOnlyList<string> Participants { get; init; }

    /// <summary>The newest receipt of each participant, as signed.</summary>
    public IReadOnlyList<SubjectDataErased> Receipts { get; init; } = [];

    /// <summary>When the last expected receipt came, UTC.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>How often it was sent to the participants.</summary>
    public int Sendings { get; init; }

    /// <summary>When it was last sent, UTC.</summary>
    public DateTimeOffset? LastSentAt { get; init; }

    /// <summary>When it is sent again, UTC; null once it is closed.</summary>
    public DateTimeOffset? ResendAt { get; init; }

    /// <summary>How many certificates say what legal holds keep of it: each stays beside those that come later.</summary>
    public int OnHoldCertificates { get; init; }

    /// <summary>Of a demand that could, or can, be taken back. Such a case is sent to nobody: the revocation that follows has one of its own. Null of any other.</summary>
    public ErasureCoolingOff? CoolingOff { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public DataKeyId? DataKey => CoolingOff is { } coolingOff ? new DataKeyId(SubjectRef, Epoch, $"erasure-demand-{coolingOff.RestrictionId}") : KeyOf(SubjectRef, Epoch, Version);

    /// <summary>Whether every expected receipt is in.</summary>
    [JsonIgnore]
    public bool IsClosed => CompletedAt is not null;

    /// <summary>When nothing followed any more, UTC: it is kept for three years from then. Null while it goes on.</summary>
    [JsonIgnore]
    public DateTimeOffset? EndedAt => CompletedAt ?? (CoolingOff is { NextAt: null } settled ? settled.CancelledAt ?? settled.StartedAt : null);

    /// <summary>Whether somebody is to answer, or, of a demand, it is to be carried out.</summary>
    [JsonIgnore]
    public bool IsWaiting => CoolingOff is { } coolingOff ? coolingOff is { CancelledAt: null, NextAt: not null } : ResendAt is not null && !IsOnHold;

    /// <summary>Listing of what waits: what is due first comes first.</summary>
    [JsonIgnore]
    public string? DueOrder => IsWaiting ? Json.FormatTime(DueAt) + "/" + Id : null;

    /// <summary>What is to be told of next, and when it may be.</summary>
    [JsonIgnore]
    public string? TellingOrder => !IsWaiting || ToldOverdueAt is not null ? null : (ToldDueAt is null ? ToWarnOf : ToTellOf) + DueOrder;

    /// <summary>Whether nothing but a legal hold keeps it from being completed.</summary>
    [JsonIgnore]
    public bool IsOnHold => Awaiting.Count == 0 && KeepsForHold;

    /// <summary>Where it stands: what the receipts say.</summary>
    [JsonIgnore]
    public ErasureState State =>
        CoolingOff is { CancelledAt: not null } ? ErasureState.Cancelled
        : CoolingOff is { StartedAt: null } ? ErasureState.CoolingOff
        : IsClosed ? ErasureState.Completed
        : Receipts.Any(receipt => receipt.Failure is not null) ? ErasureState.Failed
        : IsOnHold ? ErasureState.Retained
        : Awaiting.Count < Expected.Count ? ErasureState.Partial
        : ErasureState.Awaiting;

    /// <summary>The reason as messages and metrics have it.</summary>
    [JsonIgnore]
    public string ReasonWord => Reason switch
    {
        ErasureReason.Revoked => "revoked",
        ErasureReason.Expired => "expired",
        ErasureReason.Ordered => "ordered",
        _ => "requested",
    };

    /// <summary>Who has to answer: the participants, and those they passed it on to.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Expected => [.. Participants.Union(Receipts.SelectMany(receipt => receipt.PassedOnTo ?? []))];

    /// <summary>Who hasn't answered, couldn't do it, or found something left.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Awaiting => [.. Expected.Where(participant => ReceiptOf(participant) is not { } receipt || !IsDone(receipt))];

    /// <summary>Listing by state: what has waited longest comes first, and what was completed last.</summary>
    [JsonIgnore]
    public string? StateOrder => IsContinued ? null : PrefixOf(State) + (CompletedAt is { } at ? NewestFirst(at) : Json.FormatTime(OpenedAt)) + "/" + Id;

    /// <summary>Listing of all, the newest first.</summary>
    [JsonIgnore]
    public string? OpenedOrder => IsContinued ? null : NewestFirst(OpenedAt) + "/" + Id;

    // The case that goes on in its place is listed.
    private bool IsContinued => CoolingOff?.ContinuedAs is not null;

    /// <summary>The erasure sequence: in the order in which they were sent last, so that what has to be looked at again, after a legal hold for example, comes again. Null: not sent yet.</summary>
    [JsonIgnore]
    public string? SequenceOrder => LastSentAt is { } at ? Json.FormatTime(at) + "/" + Id : null;

    /// <summary>What <see cref="TellingOrder"/> starts with while nobody was warned of the deadline.</summary>
    public const string ToWarnOf = "near/";

    /// <summary>The same until it was told that the deadline is over.</summary>
    public const string ToTellOf = "over/";

    /// <summary>What <see cref="StateOrder"/> starts with in that state; ends with a slash.</summary>
    public static string PrefixOf(ErasureState state) => WordOf(state) + "/";

    /// <summary>The state as callers and metrics have it.</summary>
    public static string WordOf(ErasureState state) => JsonNamingPolicy.CamelCase.ConvertName(state.ToString());

    /// <summary>A key of the case's own, for it and its certificate: it goes with them, and with nothing else.</summary>
    public static DataKeyId KeyOf(string subjectRef, int epoch, long version) => new(subjectRef, epoch, string.Create(CultureInfo.InvariantCulture, $"erasure-case-{version}"));

    /// <summary>The case of a demand that may be taken back. Its id follows from the restriction, so that the same demand makes the same case.</summary>
    /// <param name="demand">Which.</param>
    /// <param name="restricted">What keeps the person's data from use meanwhile.</param>
    public static ErasureCase Demanded(ErasureDemand demand, RestrictedUse restricted)
    {
        var until = demand.CancellableUntil ?? demand.DemandedAt;
        return new ErasureCase
        {
            SubjectRef = demand.SubjectRef,
            CustomerId = demand.CustomerId,
            Epoch = 0,
            Version = restricted.Version,
            WholeEpoch = true,
            Narrowed = [],
            Reason = ErasureReason.Requested,
            OpenedAt = demand.DemandedAt,
            DueAt = demand.Deadline.DueAt,
            IsDueEstimated = demand.Deadline.IsEstimated,
            Participants = [],
            CoolingOff = new ErasureCoolingOff { RestrictionId = restricted.Restriction.RestrictionId, Until = until, NextAt = until },
        };
    }

    /// <summary>Until when it can be cancelled, UTC; null if it can't.</summary>
    [JsonIgnore]
    public DateTimeOffset? CancellableUntil => State == ErasureState.CoolingOff ? CoolingOff?.Until : null;

    /// <summary>Takes the demand back. Null if it can't be, or was.</summary>
    public ErasureCase? Cancel(DateTimeOffset now) => now < CancellableUntil ? this with { CoolingOff = CoolingOff! with { CancelledAt = now, NextAt = now } } : null;

    /// <summary>Takes up what is due of a demand: to carry it out, if it wasn't cancelled, which it can't be any more then. Null if nothing is due.</summary>
    /// <param name="now">The current time.</param>
    /// <param name="again">When it is taken up again, unless <see cref="Settle"/> says that it is done.</param>
    public ErasureCase? TakeUp(DateTimeOffset now, DateTimeOffset again) => CoolingOff is { } coolingOff && coolingOff.NextAt <= now
        ? this with { CoolingOff = coolingOff with { StartedAt = coolingOff.StartedAt ?? (coolingOff.CancelledAt is null ? now : null), NextAt = again } }
        : null;

    /// <summary>After the revocation that a demand leads to: done again after a crash, it isn't revoked again.</summary>
    public ErasureCase Revoke(RevokedConsents revoked) => this with { CoolingOff = CoolingOff! with { Revoked = revoked } };

    /// <summary>After all that follows from a demand was done.</summary>
    /// <param name="continuedAs">The case that goes on in its place; null if it was cancelled.</param>
    public ErasureCase Settle(string? continuedAs = null) => this with { CoolingOff = CoolingOff! with { ContinuedAs = continuedAs, NextAt = null } };

    /// <summary>What a participant keeps for a legal hold only.</summary>
    public static IEnumerable<RetainedData> OnHold(SubjectDataErased receipt) => receipt.Retained.Where(kept => kept.IsOnHold == true);

    /// <summary>Whether a participant did it, and found nothing left where it looked.</summary>
    public static bool IsDone(SubjectDataErased receipt) => receipt.Failure is null && receipt.Residual.All(place => place.Found == 0);

    /// <summary>What the participants are told.</summary>
    public EraseSubject Command(LegalHoldsChanged? holds) => new()
    {
        CaseId = Id,
        SubjectRef = SubjectRef,
        Epoch = Epoch,
        Version = Version,
        WholeEpoch = WholeEpoch,
        Narrowed = Narrowed,
        Reason = ReasonWord,
        Holds = holds,
        OpenedAt = OpenedAt,
        DueAt = DueAt,
    };

    /// <summary>After sending the command. The wait for the next sending doubles each time.</summary>
    public ErasureCase Sent(DateTimeOffset now, TimeSpan firstWait, TimeSpan longestWait) => this with
    {
        Sendings = Sendings + 1,
        LastSentAt = now,
        ResendAt = now + (IsOnHold ? WhileOnHold : TimeSpan.FromSeconds(Math.Min(firstWait.TotalSeconds * Math.Pow(2, Sendings), longestWait.TotalSeconds))),
    };

    /// <summary>Whether some participant keeps something for a legal hold.</summary>
    [JsonIgnore]
    public bool KeepsForHold => !IsClosed && Receipts.Any(receipt => OnHold(receipt).Any());

    /// <summary>When a legal hold ended: what is kept for none has to go, so whoever kept something is asked again.</summary>
    public ErasureCase Resume(DateTimeOffset now) => this with { ResendAt = now };

    /// <summary>Whether the order is this case's or, without one, somebody demanded or ordered it: asked again, it is the same.</summary>
    public bool Says(string? order) => order is null ? Reason is ErasureReason.Requested or ErasureReason.Ordered : Order == order;

    /// <summary>Records that the person demanded what was already under way, or an authority ordered it, which counts for more: the earlier deadline counts. Null if the case is closed.</summary>
    /// <param name="customerId">The caller's id of the person.</param>
    /// <param name="deadline">Of the demand or the order.</param>
    /// <param name="order">Which authority ordered it, and by what; null: the person demands it.</param>
    public ErasureCase? Demand(string customerId, ErasureDeadline deadline, string? order = null)
    {
        if (IsClosed) return null;
        var demanded = order is not null ? this with { Reason = ErasureReason.Ordered, Order = order, CustomerId = customerId }
            : Reason == ErasureReason.Ordered ? this
            : this with { Reason = ErasureReason.Requested, CustomerId = customerId };
        return deadline.DueAt < DueAt ? demanded with { DueAt = deadline.DueAt, IsDueEstimated = deadline.IsEstimated } : demanded;
    }

    /// <summary>Whether its time is over and somebody hasn't answered.</summary>
    public bool IsOverdue(DateTimeOffset now) => IsWaiting && DueAt <= now;

    /// <summary>After telling that the deadline is over or, if it lies before <paramref name="soon"/>, near. Null if there is nothing new to tell.</summary>
    public ErasureCase? Tell(DateTimeOffset now, DateTimeOffset soon)
    {
        if (!IsWaiting || ToldOverdueAt is not null) return null;
        if (DueAt <= now) return this with { ToldDueAt = ToldDueAt ?? now, ToldOverdueAt = now };
        return ToldDueAt is null && DueAt <= soon ? this with { ToldDueAt = now } : null;
    }

    /// <summary>Whether a receipt is about this case.</summary>
    public bool IsAbout(SubjectDataErased receipt) => (receipt.CaseId, receipt.SubjectRef, receipt.Epoch, receipt.Version) == (Id, SubjectRef, Epoch, Version);

    /// <summary>Whether a receipt of the participant is taken. One of somebody it was passed on to may overtake the one that says so.</summary>
    public bool Takes(string participant) => Participants.Contains(participant) || (ExternalParticipant.Is(participant) && Participants.Contains(ExternalParticipant.PassedOnBy));

    /// <summary>Takes a receipt. The last expected one without a residue closes the case; nothing changes it then.</summary>
    /// <returns>The next state, or null if the receipt isn't expected or says nothing new.</returns>
    public ErasureCase? Receive(SubjectDataErased receipt, DateTimeOffset now)
    {
        if (IsClosed || receipt.Signature is null || !IsAbout(receipt) || !Takes(receipt.Participant)) return null;
        if (ReceiptOf(receipt.Participant) is { } known)
        {
            // Of several receipts the last one signed counts, in whatever order they come.
            var isNewer = receipt.Signature.IssuedAt > known.Signature!.IssuedAt;
            var isSame = IsDone(receipt) && IsDone(known) && OnHold(receipt).SequenceEqual(OnHold(known)) && receipt.Erased.SequenceEqual(known.Erased);
            if (!isNewer || isSame) return null;
        }

        var next = this with { Receipts = [.. Receipts.Where(other => other.Participant != receipt.Participant), receipt] };
        if (next.Awaiting.Count > 0) return IsOnHold ? next with { ResendAt = now } : next;
        return next.IsOnHold ? next with { ResendAt = now + WhileOnHold, OnHoldCertificates = OnHoldCertificates + 1 } : next with { CompletedAt = now, ResendAt = null };
    }

    // A UUID has as many digits as the ids that follow from a version.
    private static string IdOf(ErasureCoolingOff coolingOff) => "er_" + coolingOff.RestrictionId;

    private static string NewestFirst(DateTimeOffset time) => Json.FormatNumber(DateTimeOffset.MaxValue.Ticks - time.UtcTicks);

    private SubjectDataErased? ReceiptOf(string participant) => Receipts.FirstOrDefault(receipt => receipt.Participant == participant);
}
