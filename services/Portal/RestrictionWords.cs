namespace Personalization.Portal;

/// <summary>Restrictions of use in plain words.</summary>
internal static class RestrictionWords
{
    /// <summary>The reasons, as they are sent.</summary>
    public static readonly string[] Reasons = ["accuracyContested", "unlawfulUse", "legalClaims", "objectionPending"];

    public static string Reason(Visitor visitor, string reason) => reason switch
    {
        "accuracyContested" => visitor.Say("Данные неверны, пока это проверяют", "The data are wrong, until that was looked at"),
        "unlawfulUse" => visitor.Say("Использование незаконно, но данные нужны", "The use is unlawful, but the data are needed"),
        "legalClaims" => visitor.Say("Данные нужны для спора или иска", "The data are needed for a claim"),
        "objectionPending" => visitor.Say("Ждём ответа на возражение", "An objection waits for its answer"),
        "erasurePending" => visitor.Say("Запрошено уничтожение, его ещё можно отменить", "Erasure was demanded, and can still be cancelled"),
        _ => reason,
    };
}
