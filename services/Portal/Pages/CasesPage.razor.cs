namespace Personalization.Portal.Pages;

/// <summary>A page of erasure cases.</summary>
/// <param name="Cases">The cases.</param>
/// <param name="Show"><c>waiting</c>, <c>completed</c> or <c>all</c>.</param>
/// <param name="Now">UTC.</param>
public sealed record CasesModel(Items<ErasureCase> Cases, string Show, DateTimeOffset Now);

/// <summary>Erasure cases.</summary>
public sealed partial class CasesPage
{
    private IEnumerable<(string Show, string Name)> Filters =>
        [("waiting", Say("Ждут", "Waiting")), ("completed", Say("Завершённые", "Completed")), ("all", Say("Все", "All"))];

    private string Deadline(ErasureCase erasure) => erasure switch
    {
        { CompletedAt: { } completed, OpenedAt: { } opened } => Say($"за {Visitor.Lasting(completed - opened)}", $"in {Visitor.Lasting(completed - opened)}"),
        { State: "cancelled" or "retained" } => "",
        { DueAt: { } due } when due > Model.Now => Say($"осталось {Visitor.Lasting(due - Model.Now)}", $"{Visitor.Lasting(due - Model.Now)} left"),
        { DueAt: { } due } => Say($"просрочено на {Visitor.Lasting(Model.Now - due)}", $"overdue by {Visitor.Lasting(Model.Now - due)}"),
        _ => "",
    };
}
