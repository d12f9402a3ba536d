using System.Globalization;
using Personalization.Contracts.Audit;
using Personalization.Retention.Domain;

namespace Personalization.Retention.Documents;

/// <summary>The words of the page on which people read what is held of them, in one language.</summary>
internal sealed record ExportWords
{
    public static readonly ExportWords Russian = new()
    {
        Language = "ru",
        PageNumber = "Страница {0} из {1}",
        Title = "Ваши персональные данные",
        Lead = "Здесь всё, что хранит о вас {0}: сами данные, зачем они нужны, с какого и до какого времени, откуда получены и что их использует.",
        Incomplete = "Выгрузка неполная: чего в ней нет и почему, сказано ниже.",
        Footer = "Выгрузка персональных данных № {0}",
        About = "О выгрузке",
        CustomerId = "Ваш идентификатор",
        SubjectRef = "Псевдоним, под которым хранятся данные",
        RequestedAt = "Запрошено",
        MadeAt = "Составлено",
        Operator = "Оператор",
        Missing = "Чего здесь нет",
        Part = "Сервис {0}",
        Nothing = "О вас ничего не хранится.",
        What = "Что",
        Value = "Значение",
        Why = "Категория и цели",
        When = "С какого и до какого времени",
        Origin = "Откуда и кем используется",
        Since = "с {0}",
        Until = "до {0}",
        From = "из {0}",
        Withheld = "Есть, но не выдаётся, и почему",
        Store = "Что хранится",
        Reason = "Почему",
        Note = "Те же данные для программ — в файле export.json; как он устроен, описывает export.schema.json. Что делать, если в данных ошибка или вы против их использования: исправьте их в сервисе, откуда они получены, отзовите согласие или подайте возражение.",
        Reasons = new()
        {
            [MissingReason.NotAnswered] = "сервис не ответил к сроку; запросите выгрузку ещё раз",
            [MissingReason.Unreadable] = "ответ сервиса не удалось прочитать; запросите выгрузку ещё раз",
            [MissingReason.TakesNoPart] = "сервис хранит собственные данные и в выгрузке не участвует; обратитесь к нему",
        },
        Time = "dd.MM.yyyy HH:mm 'UTC'",
        Of = wording => wording.Ru,
    };

    public static readonly ExportWords English = new()
    {
        Language = "en",
        PageNumber = "Page {0} of {1}",
        Title = "Your personal data",
        Lead = "This is all that {0} holds about you: the data, what for, since when and until when, where it is from and what uses it.",
        Incomplete = "It is not complete: what is missing, and why, is said below.",
        Footer = "Export of personal data no. {0}",
        About = "About this export",
        CustomerId = "Your id",
        SubjectRef = "The pseudonym that the data is held under",
        RequestedAt = "Requested",
        MadeAt = "Made",
        Operator = "Operator",
        Missing = "What is missing",
        Part = "Service {0}",
        Nothing = "Nothing is held about you.",
        What = "What",
        Value = "Value",
        Why = "Category and purposes",
        When = "Since and until",
        Origin = "From where, used by what",
        Since = "since {0}",
        Until = "until {0}",
        From = "from {0}",
        Withheld = "Held and not given, and why",
        Store = "What is held",
        Reason = "Why",
        Note = "The same data for programs is in export.json; export.schema.json describes it. If something is wrong, or you are against its use: correct it in the service it is from, withdraw your consent, or object.",
        Reasons = new()
        {
            [MissingReason.NotAnswered] = "the service hadn't answered in time; ask for another export",
            [MissingReason.Unreadable] = "the service's answer couldn't be read; ask for another export",
            [MissingReason.TakesNoPart] = "the service holds data of its own and takes no part in exports; ask there",
        },
        Time = "d MMMM yyyy HH:mm 'UTC'",
        Of = wording => wording.En,
    };

    public required string Language { get; init; }

    public required string PageNumber { get; init; }

    public required string Title { get; init; }

    public required string Lead { get; init; }

    public required string Incomplete { get; init; }

    public required string Footer { get; init; }

    public required string About { get; init; }

    public required string CustomerId { get; init; }

    public required string SubjectRef { get; init; }

    public required string RequestedAt { get; init; }

    public required string MadeAt { get; init; }

    public required string Operator { get; init; }

    public required string Missing { get; init; }

    public required string Part { get; init; }

    public required string Nothing { get; init; }

    public required string What { get; init; }

    public required string Value { get; init; }

    public required string Why { get; init; }

    public required string When { get; init; }

    public required string Origin { get; init; }

    public required string Since { get; init; }

    public required string Until { get; init; }

    public required string From { get; init; }

    public required string Withheld { get; init; }

    public required string Store { get; init; }

    public required string Reason { get; init; }

    public required string Note { get; init; }

    public required Dictionary<MissingReason, string> Reasons { get; init; }

    public required string Time { get; init; }

    public required Func<Wording, string> Of { get; init; }

    /// <summary>In one language, or in every one.</summary>
    public static IReadOnlyList<ExportWords> In(string? language) => [.. new[] { Russian, English }.Where(words => language is null || words.Language == language)];

    public string TimeOf(DateTimeOffset time) => time.UtcDateTime.ToString(Time, CultureInfo.InvariantCulture);
}
