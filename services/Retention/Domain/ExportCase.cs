using System.Text.Json.Serialization;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Retention.Domain;

/// <summary>Where an export stands.</summary>
public enum ExportState
{
    /// <summary>It waits for a participant's part.</summary>
    Collecting,

    /// <summary>It can be fetched, once.</summary>
    Ready,

    /// <summary>It was fetched; nothing of it is left here.</summary>
    Fetched,

    /// <summary>Nobody fetched it in time; nothing of it is left here.</summary>
    Expired,

    /// <summary>The person was erased, or asked anew; nothing of it is left here.</summary>
    Cancelled,
}

/// <summary>Why a participant's part is missing.</summary>
public enum MissingReason
{
    /// <summary>It hadn't answered when the export had to be made.</summary>
    NotAnswered,

    /// <summary>Its answer couldn't be opened.</summary>
    Unreadable,

    /// <summary>It holds data of its own and takes no part in exports: the person asks there.</summary>
    TakesNoPart,
}

/// <summary>A participant whose part is missing.</summary>
/// <param name="Participant">The service.</param>
/// <param name="Reason">Why.</param>
public sealed record MissingPart(string Participant, MissingReason Reason);

/// <summary>How much of a participant's answer has come.</summary>
/// <param name="Participant">The service.</param>
/// <param name="AnswerId">Its answer.</param>
/// <param name="Pieces">How many pieces it has.</param>
/// <param name="Received">Those that are here.</param>
public sealed record ExportAnswer(string Participant, string AnswerId, int Pieces, IReadOnlyList<int> Received)
{
    /// <summary>Whether all of it is here.</summary>
    [JsonIgnore]
    public bool IsComplete => Received.Count == Pieces;
}

/// <summary>
/// A person's demand to see what is held of them, from the day it came to its answer and for the years after in which that has to be shown. It holds
/// nothing of what is exported: that lies in <see cref="ExportPiece"/>s under a key of their own, which is destroyed when the export ends.
/// </summary>
public sealed record ExportCase : ISubjectDocument
{
    // Somebody who has to be told in time needs a little of that time to fetch it.
    private static readonly TimeSpan BeforeDue = TimeSpan.FromDays(1);

    /// <summary>A version 7 UUID.</summary>
    public required string Id { get; init; }

    /// <summary>The subject's pseudonym.</summary>
    public required string SubjectRef { get; init; }

    /// <summary>The language of the page that people read; null: every one there is.</summary>
    public string? Language { get; init; }

    /// <summary>What parts are sealed with: SubjectPublicKeyInfo, base64.</summary>
    public required string PublicKey { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>By when it has to be answered, UTC.</summary>
    public required DateTimeOffset DueAt { get; init; }

    /// <summary>Who has to answer.</summary>
    public required IReadOnlyList<string> Participants { get; init; }

    /// <summary>What is known to be missing; complete once it is ready.</summary>
    public IReadOnlyList<MissingPart> Missing { get; init; } = [];

    /// <summary>What has come.</summary>
    public IReadOnlyList<ExportAnswer> Answers { get; init; } = [];

    /// <summary>How often it was sent to the participants.</summary>
    public int Sendings { get; init; }

    /// <summary>When it is sent again, UTC.</summary>
    public DateTimeOffset? ResendAt { get; init; }

    /// <summary>When it could be fetched, UTC.</summary>
    public DateTimeOffset? ReadyAt { get; init; }

    /// <summary>Until when it can be fetched, UTC.</summary>
    public DateTimeOffset? LinkUntil { get; init; }

    /// <summary>How it ended; null until then.</summary>
    public ExportState? Outcome { get; init; }

    /// <summary>When, UTC.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>When the last of what was exported was deleted and its key destroyed, UTC.</summary>
    public DateTimeOffset? WipedAt { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public DataKeyId? DataKey => new(SubjectRef, 0, $"export-{Id}");

    /// <summary>Where it stands.</summary>
    [JsonIgnore]
    public ExportState State => Outcome ?? (ReadyAt is null ? ExportState.Collecting : ExportState.Ready);

    /// <summary>Who hasn't answered, or not with all of it.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Awaiting => ReadyAt is not null || Outcome is not null ? [] : [.. Participants.Where(participant => AnswerOf(participant) is null)];

    /// <summary>When there is something to do about it: collect no longer, send again, expire, wipe.</summary>
    [JsonIgnore]
    public DateTimeOffset? WakeAt => State switch
    {
        ExportState.Collecting => Awaiting.Count == 0 ? RequestedAt : ResendAt < CollectUntil ? ResendAt : CollectUntil,
        ExportState.Ready => LinkUntil,
        _ => WipedAt is null ? EndedAt : null,
    };

    /// <summary>When it is made of what is there.</summary>
    [JsonIgnore]
    public DateTimeOffset CollectUntil => DueAt - BeforeDue;

    /// <summary>The key of everything that is exported; never that of the case.</summary>
    public static DataKeyId ContentsKeyOf(string subjectRef, string exportId) => new(subjectRef, 0, $"export-contents-{exportId}");

    /// <summary>Whether its time is over and there is no answer.</summary>
    public bool IsOverdue(DateTimeOffset now) => State == ExportState.Collecting && DueAt < now;

    /// <summary>Whether it is made of what is there now.</summary>
    public bool IsToBeMade(DateTimeOffset now) => State == ExportState.Collecting && (Awaiting.Count == 0 || CollectUntil <= now);

    /// <summary>The answer of a participant that is complete; of several the first that was.</summary>
    public ExportAnswer? AnswerOf(string participant) => Answers.FirstOrDefault(answer => answer.Participant == participant && answer.IsComplete);

    /// <summary>What those are told who haven't answered.</summary>
    public ExportSubject Command() => new() { ExportId = Id, SubjectRef = SubjectRef, Participants = Awaiting, PublicKey = PublicKey, RequestedAt = RequestedAt };

    /// <summary>After sending the command. The wait for the next sending doubles each time.</summary>
    public ExportCase Sent(DateTimeOffset now, TimeSpan firstWait, TimeSpan longestWait) => this with
    {
        Sendings = Sendings + 1,
        ResendAt = now + TimeSpan.FromSeconds(Math.Min(firstWait.TotalSeconds * Math.Pow(2, Sendings), longestWait.TotalSeconds)),
    };

    /// <summary>Takes a piece.</summary>
    /// <returns>The next state, or null if it isn't expected, or is here already.</returns>
    public ExportCase? Receive(SubjectDataExported piece)
    {
        if (piece.ExportId != Id || piece.SubjectRef != SubjectRef || piece.Piece < 1 || piece.Piece > piece.Pieces || !Awaiting.Contains(piece.Participant)) return null;
        var known = Answers.FirstOrDefault(answer => answer.Participant == piece.Participant && answer.AnswerId == piece.AnswerId)
            ?? new ExportAnswer(piece.Participant, piece.AnswerId, piece.Pieces, []);
        return known.Pieces != piece.Pieces || known.Received.Contains(piece.Piece) ? null : this with
        {
            Answers = [.. Answers.Where(answer => answer.Participant != known.Participant || answer.AnswerId != known.AnswerId), known with { Received = [.. known.Received, piece.Piece] }],
        };
    }

    /// <summary>It can be fetched.</summary>
    public ExportCase Ready(IReadOnlyList<MissingPart> missing, DateTimeOffset now, TimeSpan keep) =>
        this with { Missing = missing, Answers = [], ResendAt = null, ReadyAt = now, LinkUntil = now + keep };

    /// <summary>It ends so, unless it has ended.</summary>
    public ExportCase End(ExportState outcome, DateTimeOffset now) => Outcome is not null ? this : this with { Outcome = outcome, EndedAt = now, Answers = [], ResendAt = null };
}

/// <summary>What only the making of an export needs: gone as soon as it is made, so that not even this service can open it then.</summary>
public sealed record PendingExport : ISubjectDocument
{
    /// <summary>The export.</summary>
    public required string Id { get; init; }

    /// <summary>The subject's pseudonym.</summary>
    public required string SubjectRef { get; init; }

    /// <summary>The caller's id of the person.</summary>
    public required string CustomerId { get; init; }

    /// <summary>Opens the parts: PKCS#8.</summary>
    public required byte[] PrivateKey { get; init; }

    /// <summary>What the archive is encrypted with; whoever asked was told it once.</summary>
    public required string Password { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public DataKeyId? DataKey => ExportCase.ContentsKeyOf(SubjectRef, Id);
}

/// <summary>Some bytes of an export: of a participant's sealed part, or of the encrypted archive.</summary>
public sealed record ExportPiece : ISubjectDocument
{
    /// <inheritdoc/>
    [JsonIgnore]
    public string Id => PrefixOf(ExportId) + Place;

    /// <summary>The export.</summary>
    public required string ExportId { get; init; }

    /// <summary>Which piece of what.</summary>
    public required string Place { get; init; }

    /// <summary>The subject's pseudonym.</summary>
    public required string SubjectRef { get; init; }

    /// <summary>The bytes.</summary>
    public required byte[] Content { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public DataKeyId? DataKey => ExportCase.ContentsKeyOf(SubjectRef, ExportId);

    /// <summary>What the ids of an export's pieces start with.</summary>
    public static string PrefixOf(string exportId) => exportId + "/";

    /// <summary>The place of a piece of the archive, in order.</summary>
    public static string ArchivePlace(int number) => Json.FormatNumber(number);

    /// <summary>The place of a piece of a part, in order, behind those of the archive.</summary>
    public static string PartPlace(string participant, string answerId, int number) => $"{participant}/{answerId}/{Json.FormatNumber(number)}";
}
