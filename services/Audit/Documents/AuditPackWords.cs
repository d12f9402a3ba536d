using System.Globalization;

namespace Personalization.Audit.Documents;

/// <summary>An audit pack's words in one language.</summary>
internal sealed record AuditPackWords
{
    private static readonly AuditPackWords Russian = new()
    {
        Language = "ru",
        Title = "Аудиторский отчёт по персональным данным",
        Lead = "Что журнал аудита говорит о днях с {0} по {1}: уничтожения и их сроки, запреты на уничтожение, инциденты, чтения сотрудниками, минимизация и просрочки. Отчёт никого не называет. Составлен по журналу из {2} записей.",
        Footer = "Аудиторский отчёт, {0}, записей: {1}",
        PageNumber = "Страница {0} из {1}",
        CasesDone = "Уничтожений завершено",
        CasesOpen = "Не завершено",
        CasesLate = "С нарушением срока",
        Longest = "Самое долгое",
        Duration = "{0} дн. {1} ч {2} мин",
        Seconds = "{0} с",
        ReadsRefused = "Отказано в чтении",
        OverdueNow = "Просрочек",
        Root = "Корень журнала",
        Overdue = "Просрочено",
        Cascades = "Уничтожения по делам",
        Holds = "Запреты на уничтожение",
        Incidents = "Инциденты",
        Reads = "Чтения сотрудниками",
        ReadsNote = "По правилам: разрешено правилом чтения. Нарушения: запрещено правилом или субъект не согласен, отказано. Пробелы: ни одно правило об этом не говорит, отказано.",
        Dropped = "Отброшено при минимизации",
        Unused = "Поля, которые ничто не использует",
        Note = "Время — UTC. Период считается по времени записи в журнал; числа минимизации объявляются раз в час. Отчёт составлен по журналу, подлинность которого проверяется по его корню и контрольным точкам (./dev verify-audit).",
        What = "Что",
        Id = "Номер",
        Reason = "Причина",
        OpenedAt = "Начато",
        DueAt = "Срок",
        DoneAt = "Исполнено",
        InTime = "В срок",
        Categories = "Категории",
        PlacedAt = "Установлен",
        EndedAt = "Снят",
        Stands = "действует",
        NoticedAt = "Выявлен",
        Notices = "Уведомления",
        Role = "Роль",
        Purpose = "Цель",
        NoPurpose = "не названа",
        Compliant = "По правилам",
        Violations = "Нарушения",
        Gaps = "Пробелы",
        EventType = "Тип события",
        Field = "Поле",
        Count = "Значений",
        NotDone = "не исполнено",
        Unknown = "не записано",
        Yes = "да",
        No = "нет",
        None = "Нет.",
        More = "Ещё строк: {0}; все — в форме JSON.",
        Things = new()
        {
            ["erasure"] = "уничтожение",
            ["export"] = "выгрузка данных",
            ["objection"] = "возражение",
            ["authority-first"] = "Роскомнадзор, первичное (24 часа)",
            ["authority-result"] = "Роскомнадзор, расследование (72 часа)",
            ["gdpr"] = "надзорный орган, GDPR (72 часа)",
        },
        Reasons = new()
        {
            ["revoked"] = "отзыв согласия",
            ["expired"] = "срок согласия истёк",
            ["requested"] = "требование субъекта",
            ["ordered"] = "требование уполномоченного органа",
        },
        Roles = new()
        {
            ["auditor"] = "аудитор",
            ["marketer"] = "маркетолог",
            ["officer"] = "ответственный за данные",
            ["operator"] = "оператор системы",
            ["product"] = "продуктовый сервис",
        },
        Drops = new()
        {
            ["not-declared"] = "поле не объявлено",
            ["no-consent"] = "нет согласия",
            ["before-consent"] = "раньше согласия",
            ["no-retention-rule"] = "нет срока хранения",
            ["unused"] = "не используется",
            ["wrong-type"] = "неверный тип",
            ["too-long"] = "слишком длинное",
            ["too-old"] = "слишком старое",
            ["direct-identifier"] = "прямой идентификатор",
        },
        Day = "dd.MM.yyyy",
        Time = "dd.MM.yyyy HH:mm",
    };

    private static readonly AuditPackWords English = new()
    {
        Language = "en",
        Title = "Audit pack on personal data",
        Lead = "What the audit log says of the days from {0} to {1}: erasures and their deadlines, legal holds, incidents, reads by staff, minimization and what is overdue. It names nobody. Made of a log of {2} entries.",
        Footer = "Audit pack, {0}, {1} entries",
        PageNumber = "Page {0} of {1}",
        CasesDone = "Erasures completed",
        CasesOpen = "Not completed",
        CasesLate = "Past their deadline",
        Longest = "The longest",
        Duration = "{0} d {1} h {2} min",
        Seconds = "{0} s",
        ReadsRefused = "Reads refused",
        OverdueNow = "Overdue",
        Root = "Root of the log",
        Overdue = "Overdue",
        Cascades = "Cascades",
        Holds = "Legal holds",
        Incidents = "Incidents",
        Reads = "Reads by staff",
        ReadsNote = "Compliant: a read rule allows it. Violations: a rule says no, or the person doesn't consent; refused. Gaps: no rule speaks of it; refused.",
        Dropped = "Dropped by minimization",
        Unused = "Fields that nothing uses",
        Note = "Times are UTC. The period is by when the log recorded something; numbers of minimization are told once an hour. The pack is made of the log, which is checked by its root and its checkpoints (./dev verify-audit).",
        What = "What",
        Id = "Id",
        Reason = "Reason",
        OpenedAt = "Opened",
        DueAt = "Due",
        DoneAt = "Done",
        InTime = "In time",
        Categories = "Categories",
        PlacedAt = "Placed",
        EndedAt = "Ended",
        Stands = "stands",
        NoticedAt = "Noticed",
        Notices = "Notices",
        Role = "Role",
        Purpose = "Purpose",
        NoPurpose = "none named",
        Compliant = "Compliant",
        Violations = "Violations",
        Gaps = "Gaps",
        EventType = "Event type",
        Field = "Field",
        Count = "Values",
        NotDone = "not done",
        Unknown = "not recorded",
        Yes = "yes",
        No = "no",
        None = "None.",
        More = "{0} more; all of them are in the JSON form.",
        Things = new()
        {
            ["erasure"] = "erasure",
            ["export"] = "export",
            ["objection"] = "objection",
            ["authority-first"] = "Roskomnadzor, first (24 hours)",
            ["authority-result"] = "Roskomnadzor, inquiry (72 hours)",
            ["gdpr"] = "supervisory authority, GDPR (72 hours)",
        },
        Reasons = new()
        {
            ["revoked"] = "consent withdrawn",
            ["expired"] = "consent expired",
            ["requested"] = "demanded by the person",
            ["ordered"] = "ordered by an authority",
        },
        Roles = new()
        {
            ["auditor"] = "auditor",
            ["marketer"] = "marketer",
            ["officer"] = "data protection officer",
            ["operator"] = "operator",
            ["product"] = "product service",
        },
        Drops = new()
        {
            ["not-declared"] = "not declared",
            ["no-consent"] = "no consent",
            ["before-consent"] = "before the consent",
            ["no-retention-rule"] = "no retention rule",
            ["unused"] = "unused",
            ["wrong-type"] = "wrong type",
            ["too-long"] = "too long",
            ["too-old"] = "too old",
            ["direct-identifier"] = "direct identifier",
        },
        Day = "d MMMM yyyy",
        Time = "d MMM yyyy HH:mm",
    };

    public required string Language { get; init; }

    public required string Title { get; init; }

    public required string Lead { get; init; }

    public required string Footer { get; init; }

    public required string PageNumber { get; init; }

    public required string CasesDone { get; init; }

    public required string CasesOpen { get; init; }

    public required string CasesLate { get; init; }

    public required string Longest { get; init; }

    public required string Duration { get; init; }

    /// <summary>{0}: less than a minute, in seconds.</summary>
    public required string Seconds { get; init; }

    public required string ReadsRefused { get; init; }

    public required string OverdueNow { get; init; }

    public required string Root { get; init; }

    public required string Overdue { get; init; }

    public required string Cascades { get; init; }

    public required string Holds { get; init; }

    public required string Incidents { get; init; }

    public required string Reads { get; init; }

    public required string ReadsNote { get; init; }

    public required string Dropped { get; init; }

    public required string Unused { get; init; }

    public required string Note { get; init; }

    public required string What { get; init; }

    public required string Id { get; init; }

    public required string Reason { get; init; }

    public required string OpenedAt { get; init; }

    public required string DueAt { get; init; }

    public required string DoneAt { get; init; }

    public required string InTime { get; init; }

    public required string Categories { get; init; }

    public required string PlacedAt { get; init; }

    public required string EndedAt { get; init; }

    public required string Stands { get; init; }

    public required string NoticedAt { get; init; }

    public required string Notices { get; init; }

    public required string Role { get; init; }

    public required string Purpose { get; init; }

    public required string NoPurpose { get; init; }

    public required string Compliant { get; init; }

    public required string Violations { get; init; }

    public required string Gaps { get; init; }

    public required string EventType { get; init; }

    public required string Field { get; init; }

    public required string Count { get; init; }

    public required string NotDone { get; init; }

    public required string Unknown { get; init; }

    public required string Yes { get; init; }

    public required string No { get; init; }

    public required string None { get; init; }

    public required string More { get; init; }

    public required Dictionary<string, string> Things { get; init; }

    public required Dictionary<string, string> Reasons { get; init; }

    public required Dictionary<string, string> Roles { get; init; }

    public required Dictionary<string, string> Drops { get; init; }

    public required string Day { get; init; }

    public required string Time { get; init; }

    /// <summary>Null: there is no such language.</summary>
    public static AuditPackWords? In(string language) => language switch { "ru" => Russian, "en" => English, _ => null };

    public string TimeOf(DateTimeOffset time) => time.UtcDateTime.ToString(Time, CultureInfo.InvariantCulture);

    public string DayOf(DateOnly day) => day.ToString(Day, CultureInfo.InvariantCulture);
}
