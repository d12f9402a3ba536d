using Personalization.Platform.Http;

namespace Personalization.Portal.Pages;

/// <summary>Messages that wait for an operator.</summary>
/// <param name="Show"><c>waiting</c> or <c>resolved</c>.</param>
/// <param name="Items">A page of them.</param>
/// <param name="Next">How to ask for the next page.</param>
/// <param name="Problem">Why the last one wasn't resolved.</param>
public sealed record QuarantineModel(string Show, IReadOnlyList<QuarantineItem> Items, string? Next, string? Problem);

/// <summary>Messages in quarantine.</summary>
public sealed partial class QuarantinePage
{
    private IEnumerable<(string Show, string Name)> Filters => [("waiting", Say("Ждут", "Waiting")), ("resolved", Say("Решённые", "Resolved"))];

    // An officer sees what waits, an operator decides.
    private bool Decides => Visitor.Session?.Role == Roles.Operator;

    private string Outcome(QuarantineResolution resolution) => (resolution.Action, resolution.Outcome) switch
    {
        ("discarded", _) => Say("удалено", "discarded"),
        (_, "accepted") => Say("повторено и принято", "replayed and accepted"),
        (_, "refused") => Say("повторено и отклонено", "replayed and refused"),
        _ => Say("повторено", "replayed"),
    };
}
