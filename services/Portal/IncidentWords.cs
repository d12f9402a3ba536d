namespace Personalization.Portal;

/// <summary>Notices of incidents in words.</summary>
internal static class IncidentWords
{
    public static string Name(Visitor visitor, IncidentNotice notice) => notice.Notice switch
    {
        "authority-first" => visitor.Say("Роскомнадзор: что произошло", "Roskomnadzor: what happened"),
        "authority-result" => visitor.Say("Роскомнадзор: что показало расследование", "Roskomnadzor: what the inquiry found"),
        "gdpr" => visitor.Say("Надзорный орган по GDPR", "The authority of the GDPR"),
        _ => notice.Notice,
    };

    public static string Tone(IncidentNotice notice, DateTimeOffset now) => notice.SentAt is not null ? "good" : notice.DueAt < now ? "bad" : "warn";

    public static string State(Visitor visitor, IncidentNotice notice, DateTimeOffset now) => notice switch
    {
        { SentAt: { } sent } => $"{visitor.Say("отправлено", "sent")} {visitor.Moment(sent)}",
        _ when notice.DueAt < now => visitor.Say("просрочено", "overdue"),
        _ => $"{visitor.Say("осталось", "left:")} {visitor.Lasting(notice.DueAt - now)}",
    };
}
