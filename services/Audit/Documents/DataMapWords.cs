using Personalization.Contracts.Audit;
using Personalization.Contracts.Retention;

namespace Personalization.Audit.Documents;

/// <summary>The record of processing's words in one language.</summary>
internal sealed record DataMapWords
{
    public static readonly DataMapWords Russian = new()
    {
        Language = "ru",
        Title = "Реестр обработки персональных данных",
        Lead = "Какие персональные данные хранит система, для чего и на каком основании, как долго, как они защищены и кто их читает. Реестр составлен из того, что объявили о себе работающие сервисы ({0}), и содержит сведения, перечисленные в статье 30 GDPR.",
        Incomplete = "Реестр неполон: больше двух суток нет сведений от сервисов {0}.",
        Footer = "Реестр обработки персональных данных, {0:yyyy-MM-dd HH:mm} UTC",
        PageNumber = "Страница {0} из {1}",
        Parties = "Оператор",
        Roles = new() { ["operator"] = "Оператор", ["processor"] = "Обрабатывает по поручению", ["authority"] = "Надзорный орган" },
        Regions = "Где хранятся данные",
        Subjects = "Чьи данные",
        SubjectsAre = "клиенты; сотрудники — только ключевой хеш читавшего в журнале аудита",
        Purposes = "Цели обработки",
        Purpose = "Цель",
        Basis = "Основание",
        Categories = "Категории, срок",
        Recipients = "Получатели и обработчики",
        Days = "{0}: {1} дн.",
        DaysAfterActivity = "{0}: {1} дн. после последней активности",
        DaysAfterReached = "{0}: {1} дн. после достижения цели",
        UntilConsentEnds = "{0}: до окончания согласия",
        Frozen = "{0}, затем {1} дн. заблокировано: {2}",
        NoRule = "{0}: без правила не хранится",
        None = "нет",
        Bases = new()
        {
            ["consent"] = "согласие",
            ["contract"] = "договор",
            ["legal-obligation"] = "обязанность по закону",
            ["vital-interests"] = "жизненные интересы",
            ["public-task"] = "задача в общественных интересах",
            ["legitimate-interests"] = "законный интерес",
        },
        Classifications = new()
        {
            [DataClassification.Ordinary] = "обычные",
            [DataClassification.Sensitive] = "чувствительные",
            [DataClassification.DirectIdentifier] = "прямой идентификатор",
            [DataClassification.Pseudonym] = "псевдоним",
        },
        Service = "Сервис {0}, регион {1}",
        Data = "Данные",
        Kept = "Срок хранения",
        ByRules = "по правилам хранения, самый короткий срок из подходящих",
        UntilErased = "пока субъект что-либо разрешает, до уничтожения его данных",
        ForGood = "бессрочно",
        Erased = "Уничтожение",
        WithSubject = "вместе с данными субъекта",
        WithKey = "вместе с данными субъекта, а затем уничтожается ключ",
        Given = "Субъекту",
        Reads = "Выходят через",
        Alone = "читает только сам сервис",
        Protection = "Защита",
        Encryptions = new()
        {
            ["sealed"] = "зашифровано (AES-256-GCM) ключом данных из отдельного хранилища",
            ["wrapped"] = "зашифровано главным ключом, хранится отдельно от данных",
            ["clear"] = "без отдельного шифрования",
        },
        Documents = "Документов",
        Oldest = "самый старый от {0:yyyy-MM-dd}",
        Expires = "ближайший срок {0:yyyy-MM-dd}",
        Impersonal = "Ничего о людях",
        Measures = "Меры защиты",
        MeasuresAre = "Вместо идентификаторов клиентов везде псевдонимы (HMAC-SHA-256); обратный путь только в хранилище идентификаторов сервиса Profile. Документы о субъекте зашифрованы ключом этого субъекта, ключи лежат отдельно от данных и их копий и при уничтожении уничтожаются. Каждое использование сверяется с согласием. Каждое изменение согласия, чтение сотрудниками и уничтожение записываются в журнал, выявляющий любое изменение.",
        Announced = "Объявлено {0:yyyy-MM-dd HH:mm} UTC; отпечаток SHA-256: {1}",
        InLanguage = wording => wording.Ru,
    };

    public static readonly DataMapWords English = new()
    {
        Language = "en",
        Title = "Record of processing",
        Lead = "Which personal data the system holds, what for and by what right, for how long, how it is protected and who reads it. Made of what the running services announced ({0}); it has what article 30 of the GDPR lists.",
        Incomplete = "The record is not complete: for over two days nothing was heard of {0}.",
        Footer = "Record of processing, {0:yyyy-MM-dd HH:mm} UTC",
        PageNumber = "Page {0} of {1}",
        Parties = "Operator",
        Roles = new() { ["operator"] = "Operator", ["processor"] = "Processes for the operator", ["authority"] = "Authority" },
        Regions = "Where data is",
        Subjects = "Whose data",
        SubjectsAre = "customers; of staff a keyed hash of the reader in the audit log only",
        Purposes = "Purposes",
        Purpose = "Purpose",
        Basis = "Lawful basis",
        Categories = "Categories, period",
        Recipients = "Recipients and processors",
        Days = "{0}: {1} days",
        DaysAfterActivity = "{0}: {1} days after the last activity",
        DaysAfterReached = "{0}: {1} days after the purpose is reached",
        UntilConsentEnds = "{0}: until the consent ends",
        Frozen = "{0}, then frozen for {1} days: {2}",
        NoRule = "{0}: not kept without a rule",
        None = "none",
        Bases = new()
        {
            ["consent"] = "consent",
            ["contract"] = "contract",
            ["legal-obligation"] = "legal obligation",
            ["vital-interests"] = "vital interests",
            ["public-task"] = "public task",
            ["legitimate-interests"] = "legitimate interests",
        },
        Classifications = new()
        {
            [DataClassification.Ordinary] = "ordinary",
            [DataClassification.Sensitive] = "sensitive",
            [DataClassification.DirectIdentifier] = "direct identifier",
            [DataClassification.Pseudonym] = "pseudonym",
        },
        Service = "Service {0}, region {1}",
        Data = "Data",
        Kept = "Kept",
        ByRules = "by the retention rules, the shortest that applies",
        UntilErased = "while the person permits anything, until their data is erased",
        ForGood = "for good",
        Erased = "Erasure",
        WithSubject = "with the person's data",
        WithKey = "with the person's data, and then the key is destroyed",
        Given = "To the person",
        Reads = "Goes out by",
        Alone = "the service alone reads it",
        Protection = "Protection",
        Encryptions = new()
        {
            ["sealed"] = "encrypted (AES-256-GCM) with a data key from a store apart",
            ["wrapped"] = "encrypted with a key-encryption key, apart from the data",
            ["clear"] = "not encrypted by itself",
        },
        Documents = "Documents",
        Oldest = "the oldest of {0:yyyy-MM-dd}",
        Expires = "the next goes on {0:yyyy-MM-dd}",
        Impersonal = "About nobody",
        Measures = "Measures",
        MeasuresAre = "Pseudonyms (HMAC-SHA-256) stand for customer ids everywhere; the way back is in Profile's identity vault only. Documents about a person are encrypted with that person's key; keys lie apart from the data and its backups and are destroyed with an erasure. Each use asks the person's consent. Each change of consent, each read by staff and each erasure is in a log that shows any change made to it.",
        Announced = "Announced {0:yyyy-MM-dd HH:mm} UTC; SHA-256 fingerprint {1}",
        InLanguage = wording => wording.En,
    };

    public required string Language { get; init; }

    public required string Title { get; init; }

    public required string Lead { get; init; }

    public required string Incomplete { get; init; }

    public required string Footer { get; init; }

    public required string PageNumber { get; init; }

    public required string Parties { get; init; }

    public required Dictionary<string, string> Roles { get; init; }

    public required string Regions { get; init; }

    public required string Subjects { get; init; }

    public required string SubjectsAre { get; init; }

    public required string Purposes { get; init; }

    public required string Purpose { get; init; }

    public required string Basis { get; init; }

    public required string Categories { get; init; }

    public required string Recipients { get; init; }

    public required string Days { get; init; }

    public required string DaysAfterActivity { get; init; }

    public required string DaysAfterReached { get; init; }

    public required string UntilConsentEnds { get; init; }

    public required string Frozen { get; init; }

    /// <summary>The form for what a rule counts from.</summary>
    public string DaysFrom(RetentionStart? from) => from switch
    {
        RetentionStart.LastActivity => DaysAfterActivity,
        RetentionStart.PurposeReached => DaysAfterReached,
        RetentionStart.ConsentEnded => UntilConsentEnds,
        _ => Days,
    };

    public required string NoRule { get; init; }

    public required string None { get; init; }

    public required Dictionary<string, string> Bases { get; init; }

    public required Dictionary<DataClassification, string> Classifications { get; init; }

    public required string Service { get; init; }

    public required string Data { get; init; }

    public required string Kept { get; init; }

    public required string ByRules { get; init; }

    public required string UntilErased { get; init; }

    public required string ForGood { get; init; }

    public required string Erased { get; init; }

    public required string WithSubject { get; init; }

    public required string WithKey { get; init; }

    public required string Given { get; init; }

    public required string Reads { get; init; }

    public required string Alone { get; init; }

    public required string Protection { get; init; }

    public required Dictionary<string, string> Encryptions { get; init; }

    public required string Documents { get; init; }

    public required string Oldest { get; init; }

    public required string Expires { get; init; }

    public required string Impersonal { get; init; }

    public required string Measures { get; init; }

    public required string MeasuresAre { get; init; }

    public required string Announced { get; init; }

    public required Func<Wording, string> InLanguage { get; init; }

    /// <summary>The words of that language, or null.</summary>
    public static DataMapWords? In(string language) => language switch
    {
        "ru" => Russian,
        "en" => English,
        _ => null,
    };

    public string BasisOf(string basis) => Bases.GetValueOrDefault(basis, basis);

    public string KeptFor(CollectionContents contents) => contents.Keeping switch
    {
        null => None,
        { Rule: KeepingRule.RetentionRules } => ByRules,
        { Rule: KeepingRule.UntilErased } => UntilErased,
        { Rule: KeepingRule.ForGood, Why: var why } => $"{ForGood}: {InLanguage(why!)}",
        { Period: var period, Why: var why } => period is null ? InLanguage(why!) : $"{period}: {InLanguage(why!)}",
    };

    public string ErasedHow(DataMapEntry entry) =>
        entry.Contents.NotErasedBecause is { } because ? InLanguage(because) : entry.Encryption == "sealed" ? WithKey : WithSubject;

    public string GivenBy(CollectionContents contents) => contents.ExportedBy ?? (contents.NotExportedBecause is { } because ? InLanguage(because) : None);
}
