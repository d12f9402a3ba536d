namespace Personalization.Portal;

/// <summary>States and reasons of erasure cases in words.</summary>
internal static class CaseWords
{
    public static string State(Visitor visitor, ErasureCase erasure) => erasure switch
    {
        { IsOverdue: true } => visitor.Say("просрочено", "overdue"),
        { State: "completed" } => visitor.Say("завершено", "completed"),
        { State: "partial" } => visitor.Say("частично", "in part"),
        { State: "failed" } => visitor.Say("ошибка", "failed"),
        { State: "coolingOff" } => visitor.Say("можно отменить", "can be cancelled"),
        { State: "cancelled" } => visitor.Say("отменено", "cancelled"),
        { State: "retained" } => visitor.Say("сохранено по запрету", "on hold"),
        _ => visitor.Say("ждёт", "waiting"),
    };

    public static string Tone(ErasureCase erasure) => erasure switch
    {
        { IsOverdue: true } or { State: "failed" } => "bad",
        { State: "completed" or "cancelled" } => "good",
        _ => "warn",
    };

    public static string Reason(Visitor visitor, string? reason) => reason switch
    {
        "revoked" => visitor.Say("согласие отозвано", "consent withdrawn"),
        "expired" => visitor.Say("срок согласия истёк", "consent expired"),
        "requested" => visitor.Say("запрос человека", "the person’s demand"),
        "ordered" => visitor.Say("требование надзорного органа", "an authority’s order"),
        _ => reason ?? "",
    };
}
