namespace Personalization.Portal;

/// <summary>Retention rules in words.</summary>
internal static class RetentionWords
{
    /// <summary>As it is sent: the data goes with the consent.</summary>
    public const string ConsentEnded = "consentEnded";

    /// <summary>From when a period can run, and what that is called. The first is what counts if nothing is said.</summary>
    public static IReadOnlyList<(string Start, string Name)> Starts(Visitor visitor) =>
    [
        ("", visitor.Say("получения данных", "receipt")),
        ("lastActivity", visitor.Say("последней активности человека", "the person’s last activity")),
        ("purposeReached", visitor.Say("достижения цели", "the purpose’s being reached")),
        (ConsentEnded, visitor.Say("хранить, пока действует согласие", "keep while the consent lasts")),
    ];

    public static string Keeping(Visitor visitor, RetentionRule rule) => rule.FreezeDays is { } days
        ? visitor.Say($"{Using(visitor, rule)}, затем {visitor.Period(days)} заблокировано: {rule.LegalBasis}", $"{Using(visitor, rule)}, then frozen for {visitor.Period(days)}: {rule.LegalBasis}")
        : Using(visitor, rule);

    private static string Using(Visitor visitor, RetentionRule rule) => rule.From switch
    {
        ConsentEnded => visitor.Say("пока действует согласие", "while the consent lasts"),
        "lastActivity" => visitor.Say($"{visitor.Period(rule.KeepDays)} после последней активности", $"{visitor.Period(rule.KeepDays)} after the last activity"),
        "purposeReached" => visitor.Say($"{visitor.Period(rule.KeepDays)} после достижения цели", $"{visitor.Period(rule.KeepDays)} after the purpose is reached"),
        _ => visitor.Period(rule.KeepDays),
    };
}
