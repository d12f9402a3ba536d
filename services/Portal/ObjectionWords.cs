namespace Personalization.Portal;

/// <summary>Objections in words.</summary>
internal static class ObjectionWords
{
    public static string To(Visitor visitor, Objection objection, IReadOnlyList<Purpose> purposes)
    {
        var purpose = purposes.FirstOrDefault(known => known.Id == objection.Purpose)?.NoticeIn(visitor.Language).Title ?? objection.Purpose;
        return objection.To switch
        {
            "directMarketing" => visitor.Say("Против рекламы", "To advertising"),
            "profiling" => visitor.Say($"Против профилирования: {purpose}", $"To profiling: {purpose}"),
            _ => visitor.Say("Против автоматического решения", "To an automated decision"),
        };
    }

    public static string State(Visitor visitor, Objection objection) => objection switch
    {
        { IsOverdue: true } => visitor.Say("просрочено", "overdue"),
        { Outcome: "upheld" } => visitor.Say("принято", "upheld"),
        { Outcome: "rejected" } => visitor.Say("отклонено", "rejected"),
        _ => visitor.Say("ждёт ответа", "waiting"),
    };

    public static string Tone(Objection objection) => objection switch
    {
        { IsOverdue: true } => "bad",
        { State: "open" } => "warn",
        _ => "good",
    };
}
