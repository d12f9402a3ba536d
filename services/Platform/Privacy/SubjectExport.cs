using System.IO.Compression;
using System.Text.Json;
using Personalization.Contracts.Audit;
using Personalization.Contracts.Retention;
using Personalization.Platform.Security;
using Personalization.Platform.Storage;

namespace Personalization.Platform.Privacy;

/// <summary>One thing that is held of a person, in the form in which it is given to them.</summary>
public sealed record ExportedDatum
{
    /// <summary>The collection.</summary>
    public required string Store { get; init; }

    /// <summary>What it is: a declared name, or a word.</summary>
    public required string Name { get; init; }

    /// <summary>What is held: any JSON.</summary>
    public required JsonElement Value { get; init; }

    /// <summary>The category of data, as the catalogue names it.</summary>
    public required string Category { get; init; }

    /// <summary>What it may be used for; empty: for nothing that people decide on.</summary>
    public IReadOnlyList<string> Purposes { get; init; } = [];

    /// <summary>Since when, UTC.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Until when at the latest, UTC; null: the store's period says.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Where it is from.</summary>
    public string? From { get; init; }

    /// <summary>What takes it into account.</summary>
    public IReadOnlyList<string> UsedBy { get; init; } = [];

    /// <summary>Any object as a <see cref="Value"/>.</summary>
    public static JsonElement ValueOf(object value) => JsonSerializer.SerializeToElement(value, value.GetType(), Json.Options);
}

/// <summary>A collection of which nothing, or not all, is in the export.</summary>
/// <param name="Store">The collection.</param>
/// <param name="Reason">Why.</param>
public sealed record WithheldData(string Store, Wording Reason);

/// <summary>A service's part of an export.</summary>
/// <param name="Participant">The service.</param>
/// <param name="ExportedAt">When it was so, UTC.</param>
/// <param name="Stores">What its collections are, in words.</param>
/// <param name="Data">What is held of the person.</param>
/// <param name="Withheld">What is held and not given, with the reason.</param>
public sealed record ExportedPart(
    string Participant, DateTimeOffset ExportedAt, IReadOnlyDictionary<string, Wording> Stores, IReadOnlyList<ExportedDatum> Data, IReadOnlyList<WithheldData> Withheld)
{
    /// <summary>Sealed for the export: compressed JSON in a <see cref="SealedBox"/>.</summary>
    public byte[] Seal(string exportId, ReadOnlySpan<byte> publicKey)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal)) JsonSerializer.Serialize(gzip, this, Json.Options);
        return SealedBox.Seal(publicKey, compressed.ToArray(), ContextOf(exportId, Participant));
    }

    /// <summary>The part that a participant sealed for this export.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">It was changed, or is of another export or participant.</exception>
    public static ExportedPart Open(string exportId, string participant, ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> sealedPart)
    {
        using var gzip = new GZipStream(new MemoryStream(SealedBox.Open(privateKey, sealedPart, ContextOf(exportId, participant))), CompressionMode.Decompress);
        return JsonSerializer.Deserialize<ExportedPart>(gzip, Json.Options)!;
    }

    private static string ContextOf(string exportId, string participant) => $"export\n{exportId}\n{participant}";
}

/// <summary>A service that holds personal data: how it gives a person what is theirs.</summary>
public interface IExportParticipant
{
    /// <summary>All that is held of the person in collections that say <see cref="CollectionContents.ExportedBy"/>; empty if nothing is.</summary>
    Task<IReadOnlyList<ExportedDatum>> ExportAsync(string subjectRef, DocumentSession session, CancellationToken cancellationToken);
}

/// <summary>
/// Answers an export: what the participant gives, and of every other collection with personal data why it doesn't, sealed so that nobody but the export
/// can open it, in pieces that a broker carries with ease.
/// </summary>
public sealed class SubjectExport(ServiceModule module, TimeProvider time)
{
    /// <summary>Bytes of a sealed part that one message carries at most.</summary>
    public const int PieceLength = 128 * 1024;

    /// <summary>Publishes the answer through the session. Asked again, it answers anew: the first complete answer counts.</summary>
    public async Task HandleAsync(ExportSubject command, IExportParticipant participant, DocumentSession session, CancellationToken cancellationToken)
    {
        if (!command.Participants.Contains(module.Name)) return;
        var data = await participant.ExportAsync(command.SubjectRef, session, cancellationToken);
        var held = module.Documents.All.Where(type => type.Contents.Data.Count > 0).OrderBy(type => type.Collection, StringComparer.Ordinal).ToArray();
        var part = new ExportedPart(
            module.Name,
            time.GetUtcNow(),
            held.ToDictionary(type => type.Collection, type => type.Contents.What),
            data,
            [.. held.Where(type => type.Contents.NotExportedBecause is not null).Select(type => new WithheldData(type.Collection, type.Contents.NotExportedBecause!))]);
        var pieces = part.Seal(command.ExportId, Convert.FromBase64String(command.PublicKey)).Chunk(PieceLength).ToArray();
        var answerId = Guid.CreateVersion7(part.ExportedAt).ToString("N");
        for (var i = 0; i < pieces.Length; i++)
        {
            session.Publish(module.Signer.Sign(new SubjectDataExported
            {
                ExportId = command.ExportId,
                SubjectRef = command.SubjectRef,
                Participant = module.Name,
                AnswerId = answerId,
                Piece = i + 1,
                Pieces = pieces.Length,
                Content = Convert.ToBase64String(pieces[i]),
            }));
        }
    }
}
