namespace Personalization.Portal;

/// <summary>Problems in plain words: what happened, and what to do.</summary>
internal static class ProblemText
{
    public static string Of(Visitor visitor, string slug) => slug switch
    {
        "stale-notice" => visitor.Say("Текст успели изменить. Прочитайте новый и решите ещё раз — прежнее решение действует.", "The text has been changed in the meantime. Read the new one and decide again; what you decided before is in force."),
        "stale-decision" => visitor.Say("Вы уже сузили согласие в другом окне. Здесь показано то, что действует сейчас.", "You have narrowed your consent in another window since. What is in force now is shown here."),
        "gpc-opt-out" => visitor.Say("Ваш браузер просит не передавать данные другим. Чтобы согласиться, сначала выключите это в браузере.", "Your browser asks that your data not be passed on. To agree, first turn that off in the browser."),
        "consent-unknown" or "unavailable" => visitor.Say("Ничего не изменилось. Попробуйте ещё раз через несколько секунд.", "Nothing was changed. Try again in a few seconds."),
        "not-found" => visitor.Say("Возможно, этого уже нет.", "It may be gone by now."),
        _ => visitor.Say("Ничего не изменилось. Если это повторится, сообщите нам.", "Nothing was changed. If it happens again, tell us."),
    };
}
