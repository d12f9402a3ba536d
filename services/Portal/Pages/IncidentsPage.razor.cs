namespace Personalization.Portal.Pages;

/// <summary>The register of incidents.</summary>
/// <param name="Incidents">A page of it.</param>
/// <param name="Next">How to ask for the next page.</param>
/// <param name="Now">UTC.</param>
public sealed record IncidentsModel(IReadOnlyList<Incident> Incidents, string? Next, DateTimeOffset Now);

/// <summary>The register of incidents.</summary>
public sealed partial class IncidentsPage
{
    private string Name(IncidentNotice notice) => notice.Notice switch
    {
        "authority-first" => Say("Роскомнадзор: что произошло", "Roskomnadzor: what happened"),
        "authority-result" => Say("Роскомнадзор: что показало расследование", "Roskomnadzor: what the inquiry found"),
        "gdpr" => Say("Надзорный орган по GDPR", "The authority of the GDPR"),
        _ => notice.Notice,
    };

    private string Tone(IncidentNotice notice) => notice.SentAt is not null ? "good" : notice.DueAt < Model.Now ? "bad" : "warn";

    private string State(IncidentNotice notice) => notice switch
    {
        { SentAt: { } sent } => $"{Say("отправлено", "sent")} {Visitor.Moment(sent)}",
        _ when notice.DueAt < Model.Now => Say("просрочено", "overdue"),
        _ => $"{Say("осталось", "left:")} {Visitor.Lasting(notice.DueAt - Model.Now)}",
    };
}
