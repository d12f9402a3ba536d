using System.Globalization;
using Personalization.Audit.Domain;
using Personalization.Contracts.Audit;

namespace Personalization.Audit.Documents;

/// <summary>The words of a printed incident in one language.</summary>
internal sealed record IncidentWords
{
    private static readonly IncidentWords Russian = new()
    {
        Language = "ru",
        PageNumber = "Страница {0} из {1}",
        Title = "Уведомление об инциденте с персональными данными",
        Footer = "Инцидент № {0}",
        Operator = "Оператор",
        Contact = "Контактное лицо",
        SeeOperator = "см. контакт оператора",
        NoticedAt = "Выявлен",
        Causes = "Предполагаемые причины",
        Harm = "Предполагаемый вред",
        Measures = "Принятые меры",
        Inquiry = "Результаты внутреннего расследования",
        Unknown = "пока не известно",
        Data = "Затронутые данные",
        Categories = "Категории данных",
        Subjects = "Субъектов, не более",
        SubjectsNote = "Число субъектов — верхняя оценка по карте данных: считается раз в час, время подсчёта указано в таблице. Имена в системе не хранятся.",
        Where = "Где",
        What = "Что",
        Encryption = "Защита",
        Count = "Записей, на время",
        Notices = "Сроки",
        Notice = "Уведомление",
        DueAt = "Срок",
        SentAt = "Отправлено",
        Reference = "Номер",
        NotSent = "не отправлено",
        LegalNote = "152-ФЗ, ст. 21, ч. 3.1; GDPR, ст. 33. Документ составлен по записи в реестре; сам по себе он уведомлением не является, пока не отправлен уполномоченному органу.",
        Encryptions = new() { ["sealed"] = "зашифровано", ["wrapped"] = "ключи, зашифрованы", ["clear"] = "без шифрования" },
        NoticeNames = new()
        {
            [IncidentNotice.AuthorityFirst] = "Роскомнадзор, первичное (24 часа)",
            [IncidentNotice.AuthorityResult] = "Роскомнадзор, результаты расследования (72 часа)",
            [IncidentNotice.Gdpr] = "надзорный орган, GDPR, ст. 33 (72 часа)",
        },
        Time = "dd.MM.yyyy HH:mm 'UTC'",
        Of = wording => wording.Ru,
    };

    private static readonly IncidentWords English = new()
    {
        Language = "en",
        PageNumber = "Page {0} of {1}",
        Title = "Notification of a personal data breach",
        Footer = "Incident no. {0}",
        Operator = "Operator",
        Contact = "Contact",
        SeeOperator = "see the operator's",
        NoticedAt = "Noticed",
        Causes = "Presumed causes",
        Harm = "Presumed harm",
        Measures = "Measures taken",
        Inquiry = "What the inquiry found",
        Unknown = "not known yet",
        Data = "Data concerned",
        Categories = "Categories of data",
        Subjects = "People, at most",
        SubjectsNote = "The number of people is an upper bound by the data map, which is counted every hour, when is in the table. The system holds no names.",
        Where = "Where",
        What = "What",
        Encryption = "Protection",
        Count = "Records, as of",
        Notices = "Deadlines",
        Notice = "Notice",
        DueAt = "Due",
        SentAt = "Sent",
        Reference = "Reference",
        NotSent = "not sent",
        LegalNote = "152-FZ art. 21(3.1); GDPR art. 33. Made of the register's entry; it is no notification until it is sent to the authority.",
        Encryptions = new() { ["sealed"] = "encrypted", ["wrapped"] = "keys, encrypted", ["clear"] = "not encrypted" },
        NoticeNames = new()
        {
            [IncidentNotice.AuthorityFirst] = "Roskomnadzor, first (24 hours)",
            [IncidentNotice.AuthorityResult] = "Roskomnadzor, result of the inquiry (72 hours)",
            [IncidentNotice.Gdpr] = "supervisory authority, GDPR art. 33 (72 hours)",
        },
        Time = "d MMMM yyyy HH:mm 'UTC'",
        Of = wording => wording.En,
    };

    public required string Language { get; init; }

    public required string PageNumber { get; init; }

    public required string Title { get; init; }

    public required string Footer { get; init; }

    public required string Operator { get; init; }

    public required string Contact { get; init; }

    public required string SeeOperator { get; init; }

    public required string NoticedAt { get; init; }

    public required string Causes { get; init; }

    public required string Harm { get; init; }

    public required string Measures { get; init; }

    public required string Inquiry { get; init; }

    public required string Unknown { get; init; }

    public required string Data { get; init; }

    public required string Categories { get; init; }

    public required string Subjects { get; init; }

    public required string SubjectsNote { get; init; }

    public required string Where { get; init; }

    public required string What { get; init; }

    public required string Encryption { get; init; }

    public required string Count { get; init; }

    public required string Notices { get; init; }

    public required string Notice { get; init; }

    public required string DueAt { get; init; }

    public required string SentAt { get; init; }

    public required string Reference { get; init; }

    public required string NotSent { get; init; }

    public required string LegalNote { get; init; }

    public required Dictionary<string, string> Encryptions { get; init; }

    public required Dictionary<string, string> NoticeNames { get; init; }

    public required string Time { get; init; }

    public required Func<Wording, string> Of { get; init; }

    /// <summary>Null: there is no such language.</summary>
    public static IncidentWords? In(string language) => language switch { "ru" => Russian, "en" => English, _ => null };

    public string TimeOf(DateTimeOffset time) => time.UtcDateTime.ToString(Time, CultureInfo.InvariantCulture);
}
