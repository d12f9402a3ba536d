using MassTransit;
using Personalization.Contracts.Retention;
using Personalization.Platform.Storage;
using Personalization.Retention.Domain;

namespace Personalization.Retention.Features;

/// <summary>Puts a piece of a participant's part beside its export, as sealed as it came. What isn't waited for any more is let go.</summary>
public sealed class CollectOnSubjectDataExported(DocumentSession session) : IConsumer<SubjectDataExported>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<SubjectDataExported> context)
    {
        var piece = context.Message;
        var export = await session.LoadAsync<ExportCase>(piece.ExportId, context.CancellationToken) ?? throw new UnknownExportException();
        if (export.Receive(piece) is not { } next) return;
        session.Store(next);
        session.Store(new ExportPiece
        {
            ExportId = piece.ExportId,
            Place = ExportPiece.PartPlace(piece.Participant, piece.AnswerId, piece.Piece),
            SubjectRef = piece.SubjectRef,
            Content = Convert.FromBase64String(piece.Content),
        });
    }
}

/// <summary>A part names an export that isn't there: a store that was restored, or an impostor of our own. In the error queue nobody can read it, because the export's key isn't there either.</summary>
public sealed class UnknownExportException() : Exception("A part names an export that isn't known here.");
