namespace Personalization.Portal;

/// <summary>Why events, or fields of them, weren't taken, in words.</summary>
internal static class EventWords
{
    /// <param name="visitor">Who reads it.</param>
    /// <param name="reason">As Profile names it.</param>
    public static string Reason(Visitor visitor, string reason) => reason switch
    {
        "no-consent" => visitor.Say("нет согласия", "no consent"),
        "restricted" => visitor.Say("использование ограничено", "use is restricted"),
        "before-consent" => visitor.Say("раньше согласия", "from before the consent"),
        "not-declared" => visitor.Say("не объявлено", "not declared"),
        "no-retention-rule" => visitor.Say("нет правила хранения", "no retention rule"),
        "too-old" => visitor.Say("слишком давнее", "too old"),
        "future-time" => visitor.Say("время в будущем", "time in the future"),
        "wrong-type" => visitor.Say("значение не того вида", "a value of another kind"),
        "too-long" => visitor.Say("слишком длинное", "too long"),
        "no-data" => visitor.Say("нет данных", "no data"),
        "stored-before" => visitor.Say("уже было", "came before"),
        "unknown-event-type" => visitor.Say("неизвестный тип", "an unknown type"),
        "third-party-source" => visitor.Say("источник не наш", "a source that isn’t ours"),
        "direct-identifier" => visitor.Say("прямой идентификатор", "a direct identifier"),
        "unused" => visitor.Say("никем не используется", "used by nothing"),
        "not-an-object" or "unreadable" or "bad-text" => visitor.Say("не читается как событие", "no event can be read in it"),
        "bad-specversion" => visitor.Say("не CloudEvents 1.0", "not CloudEvents 1.0"),
        "bad-id" => visitor.Say("нет пригодного id", "no usable id"),
        "bad-source" => visitor.Say("нет пригодного source", "no usable source"),
        "bad-type" => visitor.Say("нет пригодного type", "no usable type"),
        "bad-subject" => visitor.Say("subject — не идентификатор клиента", "the subject is no customer id"),
        "bad-time" => visitor.Say("нет пригодного time", "no usable time"),
        "bad-data" => visitor.Say("data — не объект или слишком велик", "data is no object, or too large a one"),
        "not-handled" => visitor.Say("не обработано: сбой, он в журнале сервиса", "not handled: a failure, which is in the service’s log"),
        _ => reason,
    };
}
