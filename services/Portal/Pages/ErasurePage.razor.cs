namespace Personalization.Portal.Pages;

/// <summary>An erasure on its way.</summary>
/// <param name="CaseId">Its case.</param>
/// <param name="Erasure">How it stands; null: it hasn't begun yet.</param>
public sealed record ErasureModel(string CaseId, ErasureCase? Erasure);

/// <summary>An erasure on its way.</summary>
public sealed partial class ErasurePage
{
    private bool IsDone => Model.Erasure is { IsCompleted: true };

    private string Progress => Model.Erasure switch
    {
        null => Say("Дело открывается.", "The case is being opened."),
        { IsCompleted: true } done => Say($"Все сервисы уничтожили данные за {Visitor.Lasting(Lasted(done))}.", $"Every service has erased the data, within {Visitor.Lasting(Lasted(done))}."),
        var going => Say($"Готово в {Done(going)} из {going.Participants!.Count} сервисов.", $"Done in {Done(going)} of {going.Participants!.Count} services."),
    };

    private static TimeSpan Lasted(ErasureCase erasure) => erasure.CompletedAt!.Value - erasure.OpenedAt!.Value;

    private static int Done(ErasureCase erasure) => erasure.Participants!.Count - erasure.Awaiting!.Count;
}
