using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Personalization.Contracts.Consent;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Profile.Domain;

/// <summary>
/// That a product service has to be told of an erasure. It holds the customer id for as long as the service owes its receipt, and not longer: written with the erasure of the vault's entry,
/// sealed with a key of its own, which goes with it.
/// </summary>
public sealed record ErasureNotice : ISubjectDocument
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    /// <inheritdoc/>
    [JsonIgnore]
    public string Id => IdOf(CaseId, Participant);

    /// <inheritdoc/>
    [JsonIgnore]
    public DataKeyId? DataKey => new(SubjectRef, Epoch, string.Create(CultureInfo.InvariantCulture, $"erasure-notice-{Version}-{Participant}"));

    /// <summary>The erasure case.</summary>
    public required string CaseId { get; init; }

    /// <summary>Who has to be told.</summary>
    public required string Participant { get; init; }

    /// <summary>The pseudonym.</summary>
    public required string SubjectRef { get; init; }

    /// <summary>The case's epoch.</summary>
    public required int Epoch { get; init; }

    /// <summary>The case's consent version.</summary>
    public required long Version { get; init; }

    /// <summary>The caller's id of the person.</summary>
    public required string CustomerId { get; init; }

    /// <summary>Whether everything goes.</summary>
    public required bool WholeEpoch { get; init; }

    /// <summary>What stopped being permitted.</summary>
    public required IReadOnlyList<NarrowedConsent> Narrowed { get; init; }

    /// <summary>Why, as the command has it.</summary>
    public required string Reason { get; init; }

    /// <summary>What was collected until then is meant, UTC: what came with a later consent stays.</summary>
    public required DateTimeOffset Before { get; init; }

    /// <summary>When it was written, UTC.</summary>
    public required DateTimeOffset NotedAt { get; init; }

    /// <summary>When it is to be told next, or its receipt passed on, UTC.</summary>
    public required DateTimeOffset DueAt { get; init; }

    /// <summary>How often it was told.</summary>
    public int Sendings { get; init; }

    /// <summary>What the service did; null as long as it owes that.</summary>
    public ProductReceipt? Receipt { get; init; }

    /// <summary>Whether the receipt is passed on: only key and row are left to go.</summary>
    public bool IsPassedBack { get; init; }

    /// <summary>Those of a participant, the longest due first.</summary>
    [JsonIgnore]
    public string Due => DueOf(Participant, DueAt);

    /// <summary>The id of the request that OpenDSR wants: a UUID of version 4, and the same however often it is told.</summary>
    [JsonIgnore]
    public string RequestId
    {
        get
        {
            var bytes = SHA256.HashData(Encoding.UTF8.GetBytes(Id)).AsSpan(0, 16);
            bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
            bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
            return new Guid(bytes, bigEndian: true).ToString("D");
        }
    }

    /// <summary>Where a notice is.</summary>
    public static string IdOf(string caseId, string participant) => $"{caseId}/{participant}";

    /// <summary>The place of what is due then.</summary>
    public static string DueOf(string participant, DateTimeOffset at) => $"{participant}/{Json.FormatTime(at)}";

    /// <summary>After the end of everything that is due of a participant.</summary>
    public static string EndOf(string participant) => $"{participant}0";

    /// <summary>The notice of an erasure.</summary>
    public static ErasureNotice Of(EraseSubject command, string participant, string customerId, SubjectGate gate, DateTimeOffset now) => new()
    {
        CaseId = command.CaseId,
        Participant = participant,
        SubjectRef = command.SubjectRef,
        Epoch = command.Epoch,
        Version = command.Version,
        CustomerId = customerId,
        WholeEpoch = command.WholeEpoch,
        Narrowed = command.Narrowed,
        Reason = command.Reason,
        Before = gate.Grants.Concat(gate.Restricted).Where(grant => IsNarrowed(command, grant)).Select(grant => grant.GrantedAt).Append(now).Min(),
        NotedAt = now,
        DueAt = now,
    };

    /// <summary>It is being told. If nothing comes of that it is due again, later each time.</summary>
    public ErasureNotice Sent(DateTimeOffset now) => this with
    {
        Sendings = Sendings + 1,
        DueAt = now + TimeSpan.FromSeconds(Math.Min(FirstWait.TotalSeconds * Math.Pow(2, Math.Min(Sendings, 30)), LongestWait.TotalSeconds)),
    };

    /// <summary>The service answered; that is passed on at once.</summary>
    public ErasureNotice Answered(ProductReceipt receipt, DateTimeOffset now) => this with { Receipt = receipt, DueAt = now };

    // What was granted since the case was opened is not what it is about.
    private static bool IsNarrowed(EraseSubject command, Grant grant) =>
        command.WholeEpoch || command.Narrowed.Any(narrowed => narrowed.Purpose == grant.Purpose && narrowed.Category == grant.Category);
}
