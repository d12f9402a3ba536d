using Personalization.Portal.Features;

namespace Personalization.Portal.Pages;

/// <summary>Objecting, or an objection.</summary>
/// <param name="Purposes">What people are asked.</param>
/// <param name="Objection">The objection; null: it is still to be raised.</param>
/// <param name="Form">What was written so far; null: nothing is to be written.</param>
/// <param name="Problem">Why it wasn't taken.</param>
/// <param name="Own">Those that were raised before, the newest first; null: they aren't shown here, or can't be told.</param>
public sealed record ObjectionModel(IReadOnlyList<Purpose> Purposes, Objection? Objection, ObjectionForm? Form = null, string? Problem = null, IReadOnlyList<Objection>? Own = null);

/// <summary>Objecting, or an objection.</summary>
public sealed partial class ObjectionPage
{
    private string State(Objection objection) => objection switch
    {
        { Outcome: "upheld", To: "directMarketing" } => Say("Принято. Реклама с использованием ваших данных прекращена.", "Upheld. Advertising from your data has stopped."),
        { Outcome: "upheld" } => Say("Принято. Ваши данные для этого больше не используются.", "Upheld. Your data isn’t used for that any more."),
        { Outcome: "rejected" } => Say("Отклонено, вот почему:", "Rejected, for this reason:"),
        _ => Say($"Получено {Visitor.Day(objection.ReceivedAt)}. Ответим не позднее {Visitor.Day(objection.DueAt)}.", $"Received on {Visitor.Day(objection.ReceivedAt)}. You’ll have an answer by {Visitor.Day(objection.DueAt)}."),
    };
}
