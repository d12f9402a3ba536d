using System.Globalization;
using Personalization.Consent.Domain;
using Personalization.Contracts.Consent;
using Personalization.Contracts.Retention;

namespace Personalization.Consent.Documents;

/// <summary>The printed document's words in one language. What <c>{0}</c> in a sentence is, <see cref="ConsentDocument"/> says.</summary>
internal sealed record ConsentWords
{
    public static readonly ConsentWords Russian = new()
    {
        Language = "ru",
        PageNumber = "Страница {0} из {1}",
        Footer = "Запись о согласии № {0}",
        Titles = new()
        {
            [ConsentEventState.Given] = "Согласие на обработку персональных данных",
            [ConsentEventState.Refused] = "Отказ дать согласие на обработку персональных данных",
            [ConsentEventState.Withdrawn] = "Отзыв согласия на обработку персональных данных",
            [ConsentEventState.Expired] = "Срок согласия на обработку персональных данных истёк",
            [ConsentEventState.Invalidated] = "Согласие на обработку персональных данных утратило силу",
        },
        Leads = new()
        {
            [ConsentEventState.Given] =
                "Свободно, своей волей и в своём интересе я даю согласие оператору ({0}) на обработку моих персональных данных для цели, указанной ниже: только этих данных и только теми способами, которые здесь названы.",
            [ConsentEventState.Refused] = "Я не даю согласия оператору ({0}) на обработку моих персональных данных для цели, указанной ниже.",
            [ConsentEventState.Withdrawn] = "Я отзываю согласие на обработку моих персональных данных, данное оператору ({0}), в той части, которая указана ниже.",
            [ConsentEventState.Expired] = "Срок согласия, данного оператору ({0}), истёк. Персональные данные больше не обрабатываются для цели, указанной ниже.",
            [ConsentEventState.Invalidated] =
                "Условия, на которых было дано согласие оператору ({0}), изменились, и согласие на новые условия не дано в срок. Персональные данные больше не обрабатываются для цели, указанной ниже.",
        },
        Subject = "Субъект персональных данных",
        Representative = "Представитель, если решение принял он",
        FullName = "Фамилия, имя, отчество",
        Address = "Адрес",
        IdDocument = "Документ, удостоверяющий личность: вид, номер, дата выдачи, кем выдан",
        Authorization = "Документ, подтверждающий полномочия: вид, номер, дата",
        BlanksNote = "Эти строки заполняет оператор. В системе, которая ведёт учёт согласий, нет ни имени, ни адреса, ни документа: человек записан в ней под псевдонимом {0}.",
        Controller = "Оператор",
        ControllerName = "Наименование",
        Contact = "Обращения по вопросам персональных данных",
        PurposeHeading = "Цель обработки: {0}",
        Data = "Персональные данные",
        Decision = "Решение",
        Kept = "Срок хранения",
        Sensitive = "{0} (особая категория)",
        KeptFor = days => $"{days} {Plural(days, "день", "дня", "дней")} с получения",
        KeptAfterActivity = days => $"{days} {Plural(days, "день", "дня", "дней")} после последней активности",
        KeptAfterReached = days => $"{days} {Plural(days, "день", "дня", "дней")} после достижения цели",
        KeptUntilEnd = "до окончания согласия",
        NotStored = "не хранятся",
        States = new()
        {
            [ConsentDecision.Granted] = "согласие дано",
            [ConsentDecision.Denied] = "согласия нет",
            [ConsentDecision.Revoked] = "согласие отозвано",
            [ConsentDecision.Expired] = "согласие утратило силу",
        },
        Actions = "Действия с данными",
        Operations = "сбор, запись, систематизация, накопление, хранение, уточнение (обновление, изменение), извлечение, использование, блокирование, удаление, уничтожение",
        Transfer = "передача (предоставление, доступ) получателям, названным ниже",
        Means = "Способ обработки",
        Automated = "с использованием средств автоматизации",
        Processors = "Кто обрабатывает данные по поручению оператора",
        NoProcessors = "никто: оператор обрабатывает данные сам",
        Recipients = "Кому передаются данные",
        NoRecipients = "никому",
        Term = "Срок действия согласия",
        Until = "до {0}",
        UntilWithdrawn = "до отзыва",
        Withdrawal = "Как отозвать согласие",
        WithdrawalText = "В любое время и без объяснения причин: на странице {0} или письмом оператору по указанному выше адресу. С отзывом использование данных прекращается.",
        AfterEnd = "Что происходит с данными",
        AfterEndText =
            "Их использование для этой цели прекращено. Данные, для обработки которых не осталось другого основания, уничтожаются не позднее 30 дней (часть 5 статьи 21 Федерального закона от 27.07.2006 № 152-ФЗ «О персональных данных»).",
        NoticeHeading = "Текст, по которому принято решение",
        NoticeVersion = "Версия и язык текста",
        NoticeVersionOf = "версия {0} от {1}, {2}",
        Languages = new() { ["ru"] = "русский", ["en"] = "английский" },
        NoticeHash = "Контрольная сумма (SHA-256)",
        RecordHeading = "Запись о решении",
        ReceiptId = "Номер",
        DecidedAt = "Решение принято",
        RecordedAt = "Решение записано",
        Channel = "Как принято решение",
        Channels = new()
        {
            ["api"] = "через продукт",
            ["app"] = "в приложении",
            ["expiry"] = "автоматически: срок согласия истёк",
            ["gpc"] = "сигналом браузера Global Privacy Control",
            ["import"] = "перенесено из прежней системы",
            ["lapse"] = "автоматически: согласие на изменённые условия не дано",
            ["paper"] = "на бумаге",
            ["restriction"] = "ограничением использования (блокированием)",
            ["restriction-lifted"] = "снятием ограничения использования",
            ["telephone"] = "по телефону",
            ["unsubscribe"] = "по ссылке для отписки в письме",
            ["web"] = "на сайте",
        },
        Evidence = "Документ о решении",
        LedgerHash = "Хеш записи в журнале",
        HistoryHeading = "История согласия: {0}",
        Time = "Время",
        Happened = "Событие",
        Events = new()
        {
            [ConsentEventState.Requested] = "текст показан",
            [ConsentEventState.Given] = "согласие дано",
            [ConsentEventState.Refused] = "в согласии отказано",
            [ConsentEventState.Reaffirmed] = "согласие подтверждено",
            [ConsentEventState.Withdrawn] = "согласие отозвано",
            [ConsentEventState.Expired] = "срок согласия истёк",
            [ConsentEventState.Invalidated] = "согласие утратило силу",
        },
        Version = "Версия текста",
        Signatures = ["Подпись", "Расшифровка подписи", "Дата"],
        VerifyNote =
            "Этот документ составлен по записи о согласии с тем же номером. Запись заверена криптографической подписью (JWS, ES256). Подпись проверяется без обращения к оператору: любой библиотекой JOSE по открытым ключам, опубликованным по адресу {0}.",
        ComplaintNote = "Если вы считаете, что ваши данные обрабатывают с нарушением закона, вы можете пожаловаться в надзорный орган: {0}, {1}, {2}.",
        Months = ["января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"],
        Date = "{0} {1} {2} г.",
    };

    public static readonly ConsentWords English = new()
    {
        Language = "en",
        PageNumber = "Page {0} of {1}",
        Footer = "Consent record {0}",
        Titles = new()
        {
            [ConsentEventState.Given] = "Consent to the processing of personal data",
            [ConsentEventState.Refused] = "Refusal of consent to the processing of personal data",
            [ConsentEventState.Withdrawn] = "Withdrawal of consent to the processing of personal data",
            [ConsentEventState.Expired] = "Consent to the processing of personal data has expired",
            [ConsentEventState.Invalidated] = "Consent to the processing of personal data has lapsed",
        },
        Leads = new()
        {
            [ConsentEventState.Given] =
                "Freely, of my own will and in my own interest, I consent to the operator ({0}) processing my personal data for the purpose below: only these data, and only in the ways named here.",
            [ConsentEventState.Refused] = "I do not consent to the operator ({0}) processing my personal data for the purpose below.",
            [ConsentEventState.Withdrawn] = "I withdraw my consent to the processing of my personal data by the operator ({0}), as far as stated below.",
            [ConsentEventState.Expired] = "The consent given to the operator ({0}) has reached its end. Personal data are no longer processed for the purpose below.",
            [ConsentEventState.Invalidated] =
                "The terms on which consent was given to the operator ({0}) have changed, and the new terms were not agreed to in time. Personal data are no longer processed for the purpose below.",
        },
        Subject = "The person",
        Representative = "Representative, if one made the decision",
        FullName = "Full name",
        Address = "Address",
        IdDocument = "Identity document: kind, number, date of issue, issued by",
        Authorization = "Document of authority: kind, number, date",
        BlanksNote = "The operator fills in these lines. The system that keeps consents holds no name, address or document: it knows the person by the pseudonym {0}.",
        Controller = "Operator",
        ControllerName = "Name",
        Contact = "In matters of personal data",
        PurposeHeading = "Purpose: {0}",
        Data = "Personal data",
        Decision = "Decision",
        Kept = "Kept for",
        Sensitive = "{0} (special category)",
        KeptFor = days => $"{days} {(days == 1 ? "day" : "days")} from receipt",
        KeptAfterActivity = days => $"{days} {(days == 1 ? "day" : "days")} after the last activity",
        KeptAfterReached = days => $"{days} {(days == 1 ? "day" : "days")} after the purpose is reached",
        KeptUntilEnd = "until the consent ends",
        NotStored = "not stored",
        States = new()
        {
            [ConsentDecision.Granted] = "consent given",
            [ConsentDecision.Denied] = "no consent",
            [ConsentDecision.Revoked] = "consent withdrawn",
            [ConsentDecision.Expired] = "consent ended",
        },
        Actions = "What is done with the data",
        Operations = "collection, recording, systematization, accumulation, storage, updating, retrieval, use, blocking, deletion, destruction",
        Transfer = "transfer to the recipients named below",
        Means = "How they are processed",
        Automated = "by automated means",
        Processors = "Who processes them for the operator",
        NoProcessors = "nobody: the operator processes them itself",
        Recipients = "Who receives them",
        NoRecipients = "nobody",
        Term = "How long the consent is valid",
        Until = "until {0}",
        UntilWithdrawn = "until withdrawn",
        Withdrawal = "How to withdraw",
        WithdrawalText = "At any time and without giving a reason: on the page {0}, or by letter to the operator at the address above. With the withdrawal the use of the data ends.",
        AfterEnd = "What happens to the data",
        AfterEndText =
            "They are no longer used for this purpose. Data with no other ground left for their processing are destroyed within 30 days (Federal Law 152-FZ of 27 July 2006 on personal data, article 21, part 5).",
        NoticeHeading = "The text decided on",
        NoticeVersion = "Version and language of the text",
        NoticeVersionOf = "version {0} of {1}, {2}",
        Languages = new() { ["ru"] = "Russian", ["en"] = "English" },
        NoticeHash = "Checksum (SHA-256)",
        RecordHeading = "Record of the decision",
        ReceiptId = "Number",
        DecidedAt = "Decided",
        RecordedAt = "Recorded",
        Channel = "How it was made",
        Channels = new()
        {
            ["api"] = "through the product",
            ["app"] = "in the app",
            ["expiry"] = "automatically: the consent reached its end",
            ["gpc"] = "by the browser's Global Privacy Control signal",
            ["import"] = "taken over from an earlier system",
            ["lapse"] = "automatically: the changed terms were not agreed to",
            ["paper"] = "on paper",
            ["restriction"] = "by a restriction of use",
            ["restriction-lifted"] = "by lifting a restriction of use",
            ["telephone"] = "by telephone",
            ["unsubscribe"] = "by the link to unsubscribe in a mail",
            ["web"] = "on the web site",
        },
        Evidence = "Document of the decision",
        LedgerHash = "Hash of the ledger entry",
        HistoryHeading = "History of the consent: {0}",
        Time = "Time",
        Happened = "Event",
        Events = new()
        {
            [ConsentEventState.Requested] = "text shown",
            [ConsentEventState.Given] = "consent given",
            [ConsentEventState.Refused] = "consent refused",
            [ConsentEventState.Reaffirmed] = "consent confirmed",
            [ConsentEventState.Withdrawn] = "consent withdrawn",
            [ConsentEventState.Expired] = "consent expired",
            [ConsentEventState.Invalidated] = "consent lapsed",
        },
        Version = "Version of the text",
        Signatures = ["Signature", "Name in block letters", "Date"],
        VerifyNote =
            "This document was made from the consent record of the same number. The record carries a cryptographic signature (JWS, ES256), which anybody can verify without asking the operator: with any JOSE library and the public keys at {0}.",
        ComplaintNote = "If you think that your data are processed against the law, you can complain to the authority: {0}, {1}, {2}.",
        Months = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"],
        Date = "{0} {1} {2}",
    };

    public required string Language { get; init; }

    public required string PageNumber { get; init; }

    public required string Footer { get; init; }

    public required Dictionary<ConsentEventState, string> Titles { get; init; }

    public required Dictionary<ConsentEventState, string> Leads { get; init; }

    public required string Subject { get; init; }

    public required string Representative { get; init; }

    public required string FullName { get; init; }

    public required string Address { get; init; }

    public required string IdDocument { get; init; }

    public required string Authorization { get; init; }

    public required string BlanksNote { get; init; }

    public required string Controller { get; init; }

    public required string ControllerName { get; init; }

    public required string Contact { get; init; }

    public required string PurposeHeading { get; init; }

    public required string Data { get; init; }

    public required string Decision { get; init; }

    public required string Kept { get; init; }

    public required string Sensitive { get; init; }

    public required Func<int, string> KeptFor { get; init; }

    public required Func<int, string> KeptAfterActivity { get; init; }

    public required Func<int, string> KeptAfterReached { get; init; }

    public required string KeptUntilEnd { get; init; }

    /// <summary>How long something is kept, and from what.</summary>
    public string KeptOf(RetentionStart? from, int days) => from switch
    {
        RetentionStart.LastActivity => KeptAfterActivity(days),
        RetentionStart.PurposeReached => KeptAfterReached(days),
        RetentionStart.ConsentEnded => KeptUntilEnd,
        _ => days > 0 ? KeptFor(days) : NotStored,
    };

    public required string NotStored { get; init; }

    public required Dictionary<ConsentDecision, string> States { get; init; }

    public required string Actions { get; init; }

    public required string Operations { get; init; }

    public required string Transfer { get; init; }

    public required string Means { get; init; }

    public required string Automated { get; init; }

    public required string Processors { get; init; }

    public required string NoProcessors { get; init; }

    public required string Recipients { get; init; }

    public required string NoRecipients { get; init; }

    public required string Term { get; init; }

    public required string Until { get; init; }

    public required string UntilWithdrawn { get; init; }

    public required string Withdrawal { get; init; }

    public required string WithdrawalText { get; init; }

    public required string AfterEnd { get; init; }

    public required string AfterEndText { get; init; }

    public required string NoticeHeading { get; init; }

    public required string NoticeVersion { get; init; }

    public required string NoticeVersionOf { get; init; }

    public required Dictionary<string, string> Languages { get; init; }

    public required string NoticeHash { get; init; }

    public required string RecordHeading { get; init; }

    public required string ReceiptId { get; init; }

    public required string DecidedAt { get; init; }

    public required string RecordedAt { get; init; }

    public required string Channel { get; init; }

    public required Dictionary<string, string> Channels { get; init; }

    public required string Evidence { get; init; }

    public required string LedgerHash { get; init; }

    public required string HistoryHeading { get; init; }

    public required string Time { get; init; }

    public required string Happened { get; init; }

    public required Dictionary<ConsentEventState, string> Events { get; init; }

    public required string Version { get; init; }

    public required IReadOnlyList<string> Signatures { get; init; }

    public required string VerifyNote { get; init; }

    public required string ComplaintNote { get; init; }

    public required IReadOnlyList<string> Months { get; init; }

    public required string Date { get; init; }

    /// <summary>The words of that language, or null.</summary>
    public static ConsentWords? In(string language) => language switch
    {
        "ru" => Russian,
        "en" => English,
        _ => null,
    };

    public string DateOf(DateTimeOffset time) =>
        string.Format(CultureInfo.InvariantCulture, Date, time.UtcDateTime.Day, Months[time.UtcDateTime.Month - 1], time.UtcDateTime.Year);

    public string TimeOf(DateTimeOffset time) => string.Create(CultureInfo.InvariantCulture, $"{DateOf(time)}, {time.UtcDateTime:HH:mm:ss} UTC");

    private static string Plural(int count, string one, string few, string many) => (count % 10, count % 100) switch
    {
        (1, not 11) => one,
        (2 or 3 or 4, not (12 or 13 or 14)) => few,
        _ => many,
    };
}
