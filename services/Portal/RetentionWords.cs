namespace Personalization.Portal;

/// <summary>Retention rules in words.</summary>
internal static class RetentionWords
{
    public static string Keeping(Visitor visitor, RetentionRule rule) => rule.From switch
    {
        "consentEnded" => visitor.Say("пока действует согласие", "while the consent lasts"),
        "lastActivity" => visitor.Say($"{visitor.Period(rule.KeepDays)} после последней активности", $"{visitor.Period(rule.KeepDays)} after the last activity"),
        "purposeReached" => visitor.Say($"{visitor.Period(rule.KeepDays)} после достижения цели", $"{visitor.Period(rule.KeepDays)} after the purpose is reached"),
        _ => visitor.Period(rule.KeepDays),
    };
}
