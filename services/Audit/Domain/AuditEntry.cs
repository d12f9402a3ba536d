using System.Text.Json.Serialization;
using Personalization.Contracts.Profile;
using Personalization.Contracts.Recommendation;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Security;
using Personalization.Platform.Storage;

namespace Personalization.Audit.Domain;

/// <summary>
/// One message, told without personal data: a commitment instead of its content. Entries are the leaves of a Merkle tree (RFC 6962), so whoever
/// knows an earlier root notices any change to what stood before it.
/// </summary>
public sealed record AuditEntry : IDocument
{
    /// <summary>Kinds of <see cref="Fact"/>.</summary>
    public const string ClockFact = "clock", HoldFact = "hold", MinimizedFact = "minimized", ReadFact = "read";

    /// <inheritdoc/>
    [JsonIgnore]
    public string Id => Json.FormatNumber(Number);

    /// <summary>Contiguous from 1.</summary>
    public required long Number { get; init; }

    /// <summary>When it was recorded, UTC.</summary>
    public required DateTimeOffset RecordedAt { get; init; }

    /// <summary>The contract's name.</summary>
    public required string Type { get; init; }

    /// <summary>The message's id: one entry per message, however often it was delivered.</summary>
    public required Guid MessageId { get; init; }

    /// <summary>The erasure case it belongs to; names nobody.</summary>
    public string? CaseId { get; init; }

    /// <summary>
    /// Of a consent event: hash of the decision's link in Consent's ledger, in clear, so that a ledger made anew, even with Consent's key, is
    /// found out by whoever compares the two. Null for other messages.
    /// </summary>
    public string? LedgerHash { get; init; }

    /// <summary>Of a read of somebody's data: who read what kind of data and what for, in clear, but not whose. Null for other messages.</summary>
    public AuditedRead? Read { get; init; }

    /// <summary>Of what has a deadline: the deadline and how it was kept, in clear. Null for other messages.</summary>
    public AuditedClock? Clock { get; init; }

    /// <summary>Of a legal hold that was placed or ended: which, and of what categories, in clear, but not whose data it keeps. Null for other messages.</summary>
    public AuditedHold? Hold { get; init; }

    /// <summary>What minimization kept out, in clear: it names nobody. Null for other messages.</summary>
    public FieldsMinimized? Minimized { get; init; }

    /// <summary>What an instance of Recommendation decided in its answers, in clear: it names nobody. Null for other messages.</summary>
    public RecommendationsAnswered? Answered { get; init; }

    /// <summary>
    /// Lower-case hex. About a subject: HMAC-SHA-256 of the message's canonical JSON under the subject's key of that epoch, which an erasure
    /// destroys, after which nobody can tell whose entry it is. About nobody: SHA-256. Null for a message about an epoch that was erased already.
    /// </summary>
    public string? Commitment { get; init; }

    /// <summary>Its leaf in the tree: lower-case hex SHA-256 of a zero byte and the canonical JSON of all members above.</summary>
    public required string Hash { get; init; }

    /// <summary>Its place among those that an audit pack is made of: what kind of fact, and when. Null for the others.</summary>
    [JsonIgnore]
    public string? Fact => (Clock, Hold, Minimized, Read) switch
    {
        ({ }, _, _, _) => FactOf(ClockFact, RecordedAt) + Id,
        (_, { }, _, _) => FactOf(HoldFact, RecordedAt) + Id,
        (_, _, { }, _) => FactOf(MinimizedFact, RecordedAt) + Id,
        (_, _, _, { }) => FactOf(ReadFact, RecordedAt) + Id,
        _ => null,
    };

    /// <summary>What the places begin with of facts of a kind that were recorded at a time; later ones come after it.</summary>
    public static string FactOf(string kind, DateTimeOffset recordedAt) => $"{kind}/{Json.FormatTime(recordedAt)}/";

    /// <summary>The entry with its hash.</summary>
    public AuditEntry Sealed() => this with { Hash = ComputeHash() };

    /// <summary>The hash it must have.</summary>
    public string ComputeHash() => Convert.ToHexStringLower(MerkleFrontier.LeafHash(CanonicalJson.Of(this, "hash")));
}

/// <summary>A read of somebody's data, or of many people's. It names neither a person nor the reader.</summary>
/// <param name="Data">What it is in a word, <c>profile</c> for example.</param>
/// <param name="Role">The reader's role.</param>
/// <param name="Outcome"><c>shown</c>, <c>counted</c> or <c>refused</c>.</param>
/// <param name="Categories">The categories of data in the answer.</param>
/// <param name="Reader">A keyed hash: the same reader has the same.</param>
/// <param name="Purpose">The purpose of use.</param>
/// <param name="Reason">Why it was refused.</param>
/// <param name="Compliance">How it stands to the read rules.</param>
/// <param name="RulesVersion">Their version.</param>
public sealed record AuditedRead(
    string Data, string Role, string Outcome, IReadOnlyList<string> Categories, string? Reader = null, string? Purpose = null, string? Reason = null,
    ReadCompliance? Compliance = null, long? RulesVersion = null)
{
    /// <summary>How it stands to the rules; of an entry from before that was told, as its reason says.</summary>
    [JsonIgnore]
    public ReadCompliance Standing => Compliance
        ?? (Outcome != "refused" ? ReadCompliance.Compliant : Reason == ReadDecision.PurposeNotAllowed ? ReadCompliance.Gap : ReadCompliance.Violation);

    /// <summary>What an entry says of a message about a read; null of any other.</summary>
    public static AuditedRead? Of(object message) => message switch
    {
        PersonalDataRead read => new(read.Data, read.Role, read.Outcome, read.Categories, read.Reader, read.Purpose, read.Reason, read.Compliance, read.RulesVersion),
        StaffReadDecided read => new(read.Data, read.Role, read.Outcome, read.Categories, read.Reader, read.Purpose, read.Reason, read.Compliance, read.RulesVersion),
        _ => null,
    };
}

/// <summary>Something with a deadline. It names nobody.</summary>
/// <param name="What">What it is: <c>erasure</c>, <c>export</c> or <c>objection</c>.</param>
/// <param name="Id">The case's id.</param>
/// <param name="StartedAt">When it began, UTC; null where the message doesn't say it.</param>
/// <param name="DueAt">By when it has to be done, UTC; null where the message doesn't say it.</param>
/// <param name="EndedAt">When it was done, UTC; null while it isn't.</param>
/// <param name="Reason">Of an erasure: why. Null where the message doesn't say it.</param>
public sealed record AuditedClock(string What, string Id, DateTimeOffset? StartedAt = null, DateTimeOffset? DueAt = null, DateTimeOffset? EndedAt = null, string? Reason = null)
{
    /// <summary>Kinds of <see cref="What"/>.</summary>
    public const string Erasure = "erasure", Export = "export", Objection = "objection";

    /// <summary>What an entry says of a message about something with a deadline; null of any other.</summary>
    public static AuditedClock? Of(object message) => message switch
    {
        EraseSubject command => new(Erasure, command.CaseId, command.OpenedAt, command.DueAt, Reason: command.Reason),
        ErasureDueSoon due => new(Erasure, due.CaseId, DueAt: due.DueAt, Reason: due.Reason),
        ErasureOverdue overdue => new(Erasure, overdue.CaseId, DueAt: overdue.DueAt, Reason: overdue.Reason),
        ErasureCompleted completed => new(Erasure, completed.CaseId, completed.OpenedAt, completed.DueAt, completed.CompletedAt, completed.Reason),
        ExportCompleted completed => new(Export, completed.ExportId, DueAt: completed.DueAt, EndedAt: completed.CompletedAt),
        ObjectionReceived received => new(Objection, received.ObjectionId, received.ReceivedAt, received.DueAt),
        ObjectionResolved resolved => new(Objection, resolved.ObjectionId, EndedAt: resolved.ResolvedAt),
        _ => null,
    };
}

/// <summary>A legal hold that was placed or ended. It names nobody.</summary>
/// <param name="HoldId">The hold.</param>
/// <param name="Stands">Whether it was placed; else it ended.</param>
/// <param name="Categories">The categories of data it keeps; empty once it ended.</param>
/// <param name="Until">When it ends by itself, UTC; null: when somebody ends it.</param>
public sealed record AuditedHold(string HoldId, bool Stands, IReadOnlyList<string> Categories, DateTimeOffset? Until = null)
{
    /// <summary>What an entry says of a message about legal holds; null of any other.</summary>
    public static AuditedHold? Of(object message)
    {
        if (message is not LegalHoldsChanged { ChangedHoldId: { } hold } changed) return null;
        HeldCategory[] held = [.. changed.Holds.Where(held => held.HoldId == hold)];
        return new AuditedHold(hold, held.Length > 0, [.. held.Select(category => category.Category).Order(StringComparer.Ordinal)], held.FirstOrDefault()?.Until);
    }
}

/// <summary>The end of the log.</summary>
public sealed record AuditHead : IDocument
{
    /// <summary>The one id.</summary>
    public const string Only = "head";

    /// <summary>Of a log without entries.</summary>
    public static readonly AuditHead Empty = Of(new MerkleFrontier());

    /// <inheritdoc/>
    [JsonIgnore]
    public string Id => Only;

    /// <summary>Entries so far.</summary>
    public required long Size { get; init; }

    /// <summary>The root of their tree, lower-case hex.</summary>
    public required string RootHash { get; init; }

    /// <summary>The tree's right edge (<see cref="MerkleFrontier"/>).</summary>
    public required IReadOnlyList<byte[]> Frontier { get; init; }

    /// <summary>The end of a log whose tree is this.</summary>
    public static AuditHead Of(MerkleFrontier tree) => new() { Size = tree.Size, RootHash = Convert.ToHexStringLower(tree.Root), Frontier = [.. tree.Roots] };

    /// <summary>The tree, to be appended to.</summary>
    public MerkleFrontier Tree() => new(Size, Frontier);
}
