namespace Personalization.Portal.Pages;

/// <summary>An erasure on its way.</summary>
/// <param name="CaseId">Its case.</param>
/// <param name="Erasure">How it stands; null: it hasn't begun yet.</param>
public sealed record ErasureModel(string CaseId, ErasureCase? Erasure);

/// <summary>An erasure on its way.</summary>
public sealed partial class ErasurePage
{
    private bool IsCancelled => Model.Erasure is { IsCancelled: true };

    private string Title => Model.Erasure switch
    {
        { IsCompleted: true } => Say("Данные уничтожены", "The data are erased"),
        { IsCancelled: true } => Say("Уничтожение отменено", "The erasure is cancelled"),
        { CancellableUntil: not null } => Say("Данные будут уничтожены", "The data will be erased"),
        _ => Say("Данные уничтожаются", "The data are being erased"),
    };

    private string Lead => Model.Erasure switch
    {
        { IsCancelled: true } => Say("Ничего не уничтожено. Всё, что вы разрешили, снова действует.", "Nothing was erased. All that you permit holds again."),
        { CancellableUntil: not null } => Say("Пока можно передумать, данные хранятся и никем не используются.", "While you can change your mind, the data are kept and used by nobody."),
        _ => Say(
            "Каждый сервис уничтожает данные, ищет остатки и подписывает квитанцию. Страница обновляется сама.",
            "Each service erases the data, searches for remains and signs a receipt. This page keeps itself up to date."),
    };

    private bool IsDone => Model.Erasure is { IsCompleted: true };

    private string Progress => Model.Erasure switch
    {
        null => Say("Дело открывается.", "The case is being opened."),
        { IsCancelled: true } => Say("Запрос отменён.", "The demand was taken back."),
        { CancellableUntil: { } until } => Say($"Можно передумать до {Visitor.Moment(until)}.", $"You can change your mind until {Visitor.Moment(until)}."),
        { IsCompleted: true } done => Say($"Все сервисы уничтожили данные за {Visitor.Lasting(Lasted(done))}.", $"Every service has erased the data, within {Visitor.Lasting(Lasted(done))}."),
        var going => Say($"Готово в {Done(going)} из {going.Participants!.Count} сервисов.", $"Done in {Done(going)} of {going.Participants!.Count} services."),
    };

    private static TimeSpan Lasted(ErasureCase erasure) => erasure.CompletedAt!.Value - erasure.OpenedAt!.Value;

    private static int Done(ErasureCase erasure) => erasure.Participants!.Count - erasure.Awaiting!.Count;
}
