using System.Globalization;
using Personalization.Retention.Domain;

namespace Personalization.Retention.Documents;

/// <summary>
/// The printed act's words in one language. The letters in brackets are those of the items of Roskomnadzor's order 179, point 3, so that an
/// inspector finds each.
/// </summary>
internal sealed record ActWords
{
    public static readonly ActWords Russian = new()
    {
        Language = "ru",
        PageNumber = "Страница {0} из {1}",
        Title = "Акт об уничтожении персональных данных",
        Footer = "Акт об уничтожении персональных данных № {0}",
        Lead = "Оператор ({0}) уничтожил персональные данные, перечисленные ниже. Акт составлен вместе с выгрузкой из журнала регистрации событий по требованиям, утверждённым приказом Роскомнадзора от 28.10.2022 № 179.",
        Parties = "Оператор",
        OperatorName = "Наименование (а)",
        OperatorAddress = "Адрес (а)",
        Processor = "Лицо, обрабатывающее данные по поручению (б)",
        NoProcessor = "нет: оператор обрабатывает данные сам",
        Subject = "Субъект персональных данных",
        CustomerId = "Идентификатор клиента (в)",
        SubjectRef = "Псевдоним (в)",
        SubjectNote = "Эти сведения относятся к определённому физическому лицу (приказ № 179, п. 3 «в»). Имени в системе нет: оператор находит его по идентификатору клиента, а псевдоним однозначно вычисляется из этого идентификатора.",
        Destroyed = "Уничтоженные персональные данные",
        Service = "Подсистема",
        Categories = "Категории данных (д)",
        Method = "Способ (з)",
        Count = "Записей",
        NothingHeld = "Персональных данных, подлежащих уничтожению, в системе не было.",
        Nothing = "данных не было",
        Retained = "Сохранено на основании закона",
        RetainedCategory = "Категория данных",
        Basis = "Основание",
        Until = "До",
        Destruction = "Уничтожение",
        System = "Информационная система (ж)",
        Paper = "Материальные носители (е)",
        NoPaper = "не уничтожались: данные обрабатывались только с использованием средств автоматизации",
        Reason = "Причина (и)",
        Date = "Дата уничтожения (к)",
        CaseId = "Номер дела",
        OpenedAt = "Основание возникло",
        Executor = "Уничтожил (г)",
        ExecutorName = "Фамилия, имя, отчество",
        ExecutorPosition = "Должность",
        Signatures = ["Подпись", "Расшифровка подписи", "Дата"],
        Scan = "Проверка после уничтожения",
        Searched = "Где искали",
        Found = "Найдено",
        Log = "Выгрузка из журнала регистрации событий",
        LogSubject = "Субъект (а)",
        LogCategories = "Категории (б)",
        LogSystem = "Система (в)",
        LogReason = "Причина (г)",
        LogDate = "Дата (д)",
        MerkleRoot = "Корень дерева Меркла (RFC 6962)",
        SignedBy = "Ключ подписи",
        Signature = "Подпись (ECDSA P-256)",
        VerifyNote = "Акт составлен по свидетельству с тем же номером. Его подпись и подписи квитанций подсистем проверяются без обращения к оператору, по открытым ключам: ./dev verify-certificate.",
        LegalNote = "Криптографическая подпись системы не заменяет подписи лица, уничтожившего данные (приказ № 179, п. 4).",
        DayTitle = "Акт об уничтожении персональных данных за {0}",
        DayCount = "Строк в выгрузке из журнала: {0}.",
        Reasons = new()
        {
            [ErasureReason.Revoked] = "отзыв согласия (152-ФЗ, ст. 21, ч. 5)",
            [ErasureReason.Expired] = "истёк срок согласия (152-ФЗ, ст. 21, ч. 4)",
            [ErasureReason.Requested] = "требование субъекта (152-ФЗ, ст. 21, ч. 5.1)",
            [ErasureReason.Ordered] = "требование уполномоченного органа (152-ФЗ, ст. 23, ч. 3)",
            [ErasureReason.TermEnded] = "истёк срок хранения (152-ФЗ, ст. 21, ч. 4)",
        },
        Methods = new()
        {
            ["erased"] = "удаление записей",
            ["key-destroyed"] = "уничтожение ключа шифрования",
            ["anonymized"] = "обезличивание",
        },
        KnownCategories = new()
        {
            ["access"] = "сведения об обращениях к данным",
            ["activity"] = "время последней активности",
            ["commitment-keys"] = "ключи записей журнала аудита",
            ["consent"] = "сведения о согласии",
            ["customer-id"] = "идентификатор клиента",
            ["reward"] = "вознаграждения за согласие",
            ["segment-membership"] = "принадлежность к сегменту",
            ["subject-request"] = "обращения субъекта",
            ["unread"] = "нераспознанные сообщения",
            ["unreadable"] = "записи, которые не удалось прочитать",
        },
        Months = ["января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"],
        DateForm = "{0} {1} {2} г.",
    };

    public static readonly ActWords English = new()
    {
        Language = "en",
        PageNumber = "Page {0} of {1}",
        Title = "Act of destruction of personal data",
        Footer = "Act of destruction of personal data {0}",
        Lead = "The operator ({0}) has destroyed the personal data listed below. The act comes with the export of the event log, as required by order 179 of Roskomnadzor of 28 October 2022.",
        Parties = "Operator",
        OperatorName = "Name (а)",
        OperatorAddress = "Address (а)",
        Processor = "Who processes the data for the operator (б)",
        NoProcessor = "nobody: the operator processes them itself",
        Subject = "The person",
        CustomerId = "Customer id (в)",
        SubjectRef = "Pseudonym (в)",
        SubjectNote = "This relates to a specific person (order 179, point 3 «в»). The system holds no name: the operator finds it by the customer id, and the pseudonym follows from that id.",
        Destroyed = "Destroyed personal data",
        Service = "Subsystem",
        Categories = "Categories of data (д)",
        Method = "Method (з)",
        Count = "Records",
        NothingHeld = "The system held no personal data to be destroyed.",
        Nothing = "nothing was held",
        Retained = "Kept by law",
        RetainedCategory = "Category of data",
        Basis = "Basis",
        Until = "Until",
        Destruction = "Destruction",
        System = "Information system (ж)",
        Paper = "Paper carriers (е)",
        NoPaper = "none destroyed: the data were processed by automated means only",
        Reason = "Reason (и)",
        Date = "Date of destruction (к)",
        CaseId = "Case",
        OpenedAt = "Reason arose",
        Executor = "Destroyed by (г)",
        ExecutorName = "Full name",
        ExecutorPosition = "Position",
        Signatures = ["Signature", "Name in block letters", "Date"],
        Scan = "Search after the destruction",
        Searched = "Where it was searched",
        Found = "Found",
        Log = "Export of the event log",
        LogSubject = "Person (а)",
        LogCategories = "Categories (б)",
        LogSystem = "System (в)",
        LogReason = "Reason (г)",
        LogDate = "Date (д)",
        MerkleRoot = "Merkle tree root (RFC 6962)",
        SignedBy = "Signing key",
        Signature = "Signature (ECDSA P-256)",
        VerifyNote = "The act was made from the certificate of the same number. Its signature and those of the subsystems' receipts verify without asking the operator, with the public keys: ./dev verify-certificate.",
        LegalNote = "The system's cryptographic signature does not replace that of whoever destroyed the data (order 179, point 4).",
        DayTitle = "Act of destruction of personal data of {0}",
        DayCount = "The log export has {0} lines.",
        Reasons = new()
        {
            [ErasureReason.Revoked] = "consent withdrawn (152-FZ, art. 21, part 5)",
            [ErasureReason.Expired] = "consent expired (152-FZ, art. 21, part 4)",
            [ErasureReason.Requested] = "the person's demand (152-FZ, art. 21, part 5.1)",
            [ErasureReason.Ordered] = "an authority's order (152-FZ, art. 23, part 3)",
            [ErasureReason.TermEnded] = "retention period over (152-FZ, art. 21, part 4)",
        },
        Methods = new()
        {
            ["erased"] = "records erased",
            ["key-destroyed"] = "encryption key destroyed",
            ["anonymized"] = "anonymized",
        },
        KnownCategories = new()
        {
            ["access"] = "records of who read data",
            ["activity"] = "time of the last activity",
            ["commitment-keys"] = "keys of audit entries",
            ["consent"] = "consent records",
            ["customer-id"] = "customer id",
            ["reward"] = "rewards for openness",
            ["segment-membership"] = "segment membership",
            ["subject-request"] = "requests of the person",
            ["unread"] = "messages that were not understood",
            ["unreadable"] = "records that could not be read",
        },
        Months = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"],
        DateForm = "{0} {1} {2}",
    };

    public required string Language { get; init; }

    public required string PageNumber { get; init; }

    public required string Title { get; init; }

    public required string Footer { get; init; }

    public required string Lead { get; init; }

    public required string Parties { get; init; }

    public required string OperatorName { get; init; }

    public required string OperatorAddress { get; init; }

    public required string Processor { get; init; }

    public required string NoProcessor { get; init; }

    public required string Subject { get; init; }

    public required string CustomerId { get; init; }

    public required string SubjectRef { get; init; }

    public required string SubjectNote { get; init; }

    public required string Destroyed { get; init; }

    public required string Service { get; init; }

    public required string Categories { get; init; }

    public required string Method { get; init; }

    public required string Count { get; init; }

    public required string NothingHeld { get; init; }

    public required string Nothing { get; init; }

    public required string Retained { get; init; }

    public required string RetainedCategory { get; init; }

    public required string Basis { get; init; }

    public required string Until { get; init; }

    public required string Destruction { get; init; }

    public required string System { get; init; }

    public required string Paper { get; init; }

    public required string NoPaper { get; init; }

    public required string Reason { get; init; }

    public required string Date { get; init; }

    public required string CaseId { get; init; }

    public required string OpenedAt { get; init; }

    public required string Executor { get; init; }

    public required string ExecutorName { get; init; }

    public required string ExecutorPosition { get; init; }

    public required IReadOnlyList<string> Signatures { get; init; }

    public required string Scan { get; init; }

    public required string Searched { get; init; }

    public required string Found { get; init; }

    public required string Log { get; init; }

    public required string LogSubject { get; init; }

    public required string LogCategories { get; init; }

    public required string LogSystem { get; init; }

    public required string LogReason { get; init; }

    public required string LogDate { get; init; }

    public required string MerkleRoot { get; init; }

    public required string SignedBy { get; init; }

    public required string Signature { get; init; }

    public required string VerifyNote { get; init; }

    public required string LegalNote { get; init; }

    public required string DayTitle { get; init; }

    public required string DayCount { get; init; }

    public required Dictionary<ErasureReason, string> Reasons { get; init; }

    /// <summary>The reason, with the order if there is one.</summary>
    public string ReasonOf(ErasureReason reason, string? order) => order is null ? Reasons[reason] : $"{Reasons[reason]}: {order}";

    public required Dictionary<string, string> Methods { get; init; }

    public required Dictionary<string, string> KnownCategories { get; init; }

    public required IReadOnlyList<string> Months { get; init; }

    public required string DateForm { get; init; }

    /// <summary>The words of that language, or null.</summary>
    public static ActWords? In(string language) => language switch
    {
        "ru" => Russian,
        "en" => English,
        _ => null,
    };

    public string DateOf(DateTimeOffset time) =>
        string.Format(CultureInfo.InvariantCulture, DateForm, time.UtcDateTime.Day, Months[time.UtcDateTime.Month - 1], time.UtcDateTime.Year);

    public string TimeOf(DateTimeOffset time) => string.Create(CultureInfo.InvariantCulture, $"{DateOf(time)}, {time.UtcDateTime:HH:mm:ss} UTC");

    /// <summary>A category in words if it is one of the system's own; those that products declare are named by their ids.</summary>
    public string CategoryOf(string category) => KnownCategories.GetValueOrDefault(category, category);

    public string MethodOf(string method) => Methods.GetValueOrDefault(method, method);
}
