using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Personalization.Contracts;
using Personalization.Contracts.Consent;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Security;
using Personalization.Platform.Storage;

namespace Personalization.Retention.Domain;

/// <summary>
/// What a finished case proves, with all that Roskomnadzor's order 179 asks of the act of destruction and of the log export. Made and signed
/// in the write that closes the case, and never changed: who was the operator then stays in it. It verifies with the public keys alone.
/// </summary>
public sealed record ErasureCertificate : ISubjectDocument, ISignedMessage<ErasureCertificate>
{
    /// <summary>Says what the file is.</summary>
    public const string FormatName = "personalization-erasure-certificate/1";

    // Whitespace and the order of members are nobody's business; a member that no signature covers would be.
    private static readonly JsonSerializerOptions Strict = new(Json.Options)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
    };

    /// <inheritdoc/>
    [JsonIgnore]
    public string Id => IsOnHold ? OnHoldIdOf(CaseId, OnHoldNumber ?? 1) : CaseId;

    /// <summary>What the file is.</summary>
    public required string Format { get; init; }

    /// <summary>The erasure case.</summary>
    public required string CaseId { get; init; }

    /// <inheritdoc/>
    public required string SubjectRef { get; init; }

    /// <summary>The caller's id of the person; null if the case was not opened by a demand, so that nobody here was told.</summary>
    public string? CustomerId { get; init; }

    /// <inheritdoc/>
    public required int Epoch { get; init; }

    /// <inheritdoc/>
    public required long Version { get; init; }

    /// <summary>Whether everything of the epoch had to go.</summary>
    public required bool WholeEpoch { get; init; }

    /// <summary>What stopped being permitted.</summary>
    public required IReadOnlyList<NarrowedConsent> Narrowed { get; init; }

    /// <summary>Why.</summary>
    public required ErasureReason Reason { get; init; }

    /// <summary>Which authority ordered it, and by what; null: none did.</summary>
    public string? Order { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset OpenedAt { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset CompletedAt { get; init; }

    /// <summary>Who is answerable for the data.</summary>
    public required CertificateParty Operator { get; init; }

    /// <summary>Who processes the data for the operator; null: nobody.</summary>
    public CertificateParty? Processor { get; init; }

    /// <summary>Who answers for the destruction; null: to be filled in by hand.</summary>
    public CertificateExecutor? Executor { get; init; }

    /// <summary>The information system the data was destroyed in.</summary>
    public required string InformationSystem { get; init; }

    /// <summary>Which of the case's certificates of what a legal hold keeps still; null: nothing is on hold, or it is the first.</summary>
    public int? OnHoldNumber { get; init; }

    /// <summary>Who had to answer.</summary>
    public required IReadOnlyList<string> Participants { get; init; }

    /// <summary>Their receipts as they signed them, in the order of the participants' names.</summary>
    public required IReadOnlyList<SubjectDataErased> Receipts { get; init; }

    /// <summary>Root of the Merkle tree (RFC 6962) over the receipts' canonical JSON: a single receipt can be shown to be among them.</summary>
    public required string MerkleRoot { get; init; }

    /// <inheritdoc/>
    public MessageSignature? Signature { get; init; }

    /// <summary>Whom it names.</summary>
    [JsonIgnore]
    public CertificateParties Parties => new(Operator, Processor, Executor, InformationSystem);

    /// <summary>Whether a legal hold keeps something still: another certificate will follow.</summary>
    [JsonIgnore]
    public bool IsOnHold => Receipts.Any(receipt => ErasureCase.OnHold(receipt).Any());

    /// <inheritdoc/>
    [JsonIgnore]
    public DataKeyId? DataKey => ErasureCase.KeyOf(SubjectRef, Epoch, Version);

    /// <summary>Where a certificate is that says what a legal hold keeps still; later ones, and the one of the completed case, come beside it.</summary>
    /// <param name="caseId">The case.</param>
    /// <param name="number">Which of them, from 1.</param>
    public static string OnHoldIdOf(string caseId, int number) => number <= 1 ? $"{caseId}.on-hold" : string.Create(CultureInfo.InvariantCulture, $"{caseId}.on-hold-{number}");

    /// <summary>The certificate of a case that has closed, or waits for nothing but the end of a legal hold, to be signed.</summary>
    /// <param name="closed">The case.</param>
    /// <param name="parties">Whom it names.</param>
    /// <param name="now">When it came to that.</param>
    public static ErasureCertificate Of(ErasureCase closed, CertificateParties parties, DateTimeOffset now)
    {
        if (!closed.IsClosed && !closed.IsOnHold) throw new ArgumentException("The case waits for somebody.", nameof(closed));
        SubjectDataErased[] receipts = [.. closed.Receipts.OrderBy(receipt => receipt.Participant, StringComparer.Ordinal)];
        return new ErasureCertificate
        {
            Format = FormatName,
            CaseId = closed.Id,
            SubjectRef = closed.SubjectRef,
            CustomerId = closed.CustomerId,
            Epoch = closed.Epoch,
            Version = closed.Version,
            WholeEpoch = closed.WholeEpoch,
            Narrowed = closed.Narrowed,
            Reason = closed.Reason,
            Order = closed.Order,
            OpenedAt = closed.OpenedAt,
            CompletedAt = closed.CompletedAt ?? now,
            Operator = parties.Operator,
            Processor = parties.Processor,
            Executor = parties.Executor,
            InformationSystem = parties.InformationSystem,
            OnHoldNumber = closed is { IsOnHold: true, OnHoldCertificates: > 1 } ? closed.OnHoldCertificates : null,
            Participants = [.. closed.Expected.Order(StringComparer.Ordinal)],
            Receipts = receipts,
            MerkleRoot = RootOf(receipts),
        };
    }

    /// <summary>Reads what <see cref="ToJson"/> wrote, however it was laid out since.</summary>
    /// <exception cref="JsonException">It is nothing of the kind, or holds something besides.</exception>
    public static ErasureCertificate Read(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize<ErasureCertificate>(json, Strict) is { Format: FormatName } certificate ? certificate : throw new JsonException("It is not an erasure certificate.");

    /// <summary>The one byte form.</summary>
    public byte[] ToJson() => CanonicalJson.Of(this);

    /// <summary>What is wrong with it; null if it proves what it says.</summary>
    public string? WhatIsWrong(MessageVerifier verifier)
    {
        try
        {
            verifier.Verify(this);
            foreach (var receipt in Receipts) verifier.Verify(receipt);
        }
        catch (UntrustedMessageException untrusted)
        {
            return untrusted.Message;
        }

        if (CaseId != ErasureCaseId.Of(SubjectRef, Version)) return "The case's id does not follow from the subject and the version.";
        if (!Receipts.Select(receipt => receipt.Participant).SequenceEqual(Participants) || Receipts.SelectMany(receipt => receipt.PassedOnTo ?? []).Except(Participants).Any())
            return "The receipts are not those of the participants.";
        if (Receipts.FirstOrDefault(receipt => (receipt.CaseId, receipt.SubjectRef, receipt.Epoch, receipt.Version) != (CaseId, SubjectRef, Epoch, Version)) is { } foreign)
            return $"The receipt of {foreign.Participant} is about something else.";
        if (Receipts.FirstOrDefault(receipt => !ErasureCase.IsDone(receipt)) is { } unfinished) return $"The receipt of {unfinished.Participant} tells of something that was left.";
        return MerkleRoot == RootOf(Receipts) ? null : "The Merkle root is not that of the receipts.";
    }

    /// <inheritdoc/>
    public ErasureCertificate WithSignature(MessageSignature signature) => this with { Signature = signature };

    private static string RootOf(IReadOnlyList<SubjectDataErased> receipts) => Convert.ToHexStringLower(MerkleFrontier.Of(receipts.Select(receipt => CanonicalJson.Of(receipt))).Root);
}

/// <summary>Whom certificates name.</summary>
public sealed record CertificateParties(CertificateParty Operator, CertificateParty? Processor, CertificateExecutor? Executor, string InformationSystem);

/// <summary>An organization.</summary>
public sealed record CertificateParty(string Name, string Address);

/// <summary>A person in office.</summary>
public sealed record CertificateExecutor(string Name, string Position);
