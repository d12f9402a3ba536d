namespace Personalization.Portal.Pages;

/// <summary>An export.</summary>
/// <param name="Export">How it stands; null: none is asked for here.</param>
/// <param name="Problem">Why none was begun.</param>
/// <param name="Own">Those that were asked for before, the newest first; null: they aren't shown here, or can't be told.</param>
public sealed record ExportModel(Export? Export, string? Problem, IReadOnlyList<Export>? Own = null);

/// <summary>An export.</summary>
public sealed partial class ExportPage
{
    private bool IsCollecting => Model.Export is { State: "collecting" };

    private (string? Tone, string Text) Short(Export export) => export.State switch
    {
        "collecting" => ("warn", Say("собираем", "collecting")),
        "ready" => ("good", Say("готов", "ready")),
        "fetched" => (null, Say("скачан", "downloaded")),
        "expired" => (null, Say("срок истёк", "expired")),
        _ => (null, Say("отменён", "cancelled")),
    };

    private string State(Export export) => export.State switch
    {
        "collecting" => Say($"Собираем данные. Ждём: {string.Join(", ", export.Awaiting.Select(service => ServiceNames.Of(Visitor, service)))}.", $"Collecting the data. Waiting for: {string.Join(", ", export.Awaiting.Select(service => ServiceNames.Of(Visitor, service)))}."),
        "ready" => Say("Архив готов. Скачать его можно один раз.", "The archive is ready. It can be downloaded once."),
        "fetched" => Say("Архив скачан. Если он нужен ещё раз, попросите новый.", "The archive was downloaded. If you need it again, ask for a new one."),
        "expired" => Say("Срок ссылки истёк. Попросите новый архив.", "The link has expired. Ask for a new archive."),
        _ => Say("Этот архив отменён.", "This archive was cancelled."),
    };
}
