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
        "bad-customer-id" => visitor.Say("Это не идентификатор клиента: в нём от 1 до 128 латинских букв, цифр и знаков «. _ : -». Почта, телефон и номер документа не подходят.", "That is no customer id: it has 1 to 128 Latin letters, digits, and ‘. _ : -’. An address, a phone or a document number won’t do."),
        "bad-reason" => visitor.Say("Назовите причину, не длиннее 500 знаков; людей, адресов и телефонов в ней быть не должно.", "Give a reason of at most 500 characters, without people, addresses or phone numbers in it."),
        "still-malformed" => visitor.Say("Это сообщение и теперь не читается. Оно осталось в карантине: удалите его или дождитесь версии, которая его прочтёт.", "The message still can’t be read. It stays in quarantine: discard it, or wait for a version that reads it."),
        "bad-legal-hold" => visitor.Say("Отметьте хотя бы одну категорию данных и назовите причину, не длиннее 1000 знаков. День, если он указан, должен быть в будущем.", "Tick at least one category of data and give a reason of at most 1,000 characters. The day, if there is one, has to be ahead."),
        "bad-erasure-request" => visitor.Say("Назовите орган и его документ, не длиннее 500 знаков. День, если он указан, должен быть впереди.", "Name the authority and its document, in at most 500 characters. The day, if there is one, has to be ahead."),
        "bad-objection" => visitor.Say("Выберите, против чего вы возражаете. Слов может быть не больше 4000 знаков.", "Choose what you object to. Your words can have at most 4,000 characters."),
        "bad-resolution" => visitor.Say("Человеку нужен ответ, не длиннее 4000 знаков.", "The person is owed an answer, of at most 4,000 characters."),
        "objection-resolved" => visitor.Say("На это возражение уже ответили, и ответ остаётся.", "The objection has been answered, and the answer stands."),
        "bad-incident" => visitor.Say("Скажите, что произошло, отметьте хотя бы один сервис и одну категорию. Время — не в будущем, каждый текст — не длиннее 4000 знаков; о сделанном — хотя бы одна строка.", "Say what happened, tick at least one service and one category. The time isn’t ahead, no text has more than 4,000 characters, and of what was done there is a line at least."),
        "bad-retention-rules" => visitor.Say("У каждой категории нужен срок от 1 до 3650 дней (его нет, если данные уходят вместе с согласием), у блокировки — закон, у изменения — причина, не длиннее 500 знаков.", "Each category needs a period of 1 to 3,650 days (none if the data goes with the consent), what is frozen a law, and the change a reason of at most 500 characters."),
        "rules-changed" => visitor.Say("Правила тем временем изменил кто-то другой. Здесь то, что действует сейчас; ваши изменения не применены.", "Somebody else has changed the rules meanwhile. Here is what is in force now; your changes weren’t applied."),
        "bad-notice" => visitor.Say("Уведомление отправлено не раньше, чем заметили инцидент, и не в будущем.", "A notice isn’t sent before the incident was noticed, nor in the future."),
        "unknown-in-data-map" => visitor.Say("По карте данных в одном из отмеченных сервисов таких данных нет. Отметьте то, что в них действительно хранится.", "By the data map one of these services holds none of that data. Tick what they really hold."),
        "reader-unknown" or "changer-unknown" => visitor.Say("Ваш вход не говорит, кто вы, а это должно остаться в журнале. Попросите у администратора новую ссылку.", "Your sign-in doesn’t say who you are, which has to be on record. Ask your administrator for a new link."),
        "not-found" => visitor.Say("Возможно, этого уже нет.", "It may be gone by now."),
        _ => visitor.Say("Ничего не изменилось. Если это повторится, сообщите нам.", "Nothing was changed. If it happens again, tell us."),
    };
}
