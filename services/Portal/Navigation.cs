using Personalization.Platform.Http;

namespace Personalization.Portal;

/// <summary>A section of the pages.</summary>
public sealed record NavigationLink(string Path, string Ru, string En)
{
    /// <summary>Whether a path is in it.</summary>
    public bool IsOn(string path) => path == Path || (Path.Count(character => character == '/') > 1 && path.StartsWith(Path + "/", StringComparison.Ordinal));
}

/// <summary>The sections that somebody finds something in. What they may see there the services decide.</summary>
internal static class Navigation
{
    private static readonly NavigationLink[] Person =
    [
        new("/me", "Мои решения", "My choices"),
        new("/me/data", "Что о вас известно", "What is known"),
        new("/me/why", "Почему мне это показывают", "Why I’m shown this"),
        new("/me/history", "История и квитанции", "History and receipts"),
        new("/me/export", "Скачать мои данные", "Download my data"),
        new("/me/object", "Возразить", "Object"),
        new("/me/forget", "Забыть меня", "Forget me"),
    ];

    private static readonly (NavigationLink Link, string[] Roles)[] Staff =
    [
        (new("/staff/cases", "Дела об уничтожении", "Erasure cases"), [Roles.Officer, Roles.Operator]),
        (new("/staff/balance", "Польза и долг", "Benefit and debt"), [Roles.Officer, Roles.Operator]),
        (new("/staff/consents", "Согласия", "Consents"), [Roles.Officer, Roles.Operator, Roles.Marketer]),
        (new("/staff/groups", "Сегменты и группы", "Segments and groups"), [Roles.Marketer, Roles.Officer, Roles.Operator]),
        (new("/staff/audiences", "Аудитории", "Audiences"), [Roles.Marketer, Roles.Officer, Roles.Operator]),
        (new("/staff/events", "События", "Events"), [Roles.Operator, Roles.Officer]),
        (new("/staff/health", "Состояние системы", "System health"), [Roles.Operator, Roles.Officer]),
        (new("/staff/quarantine", "Карантин", "Quarantine"), [Roles.Operator, Roles.Officer]),
        (new("/staff/objections", "Возражения", "Objections"), [Roles.Officer]),
        (new("/staff/holds", "Запреты на уничтожение", "Legal holds"), [Roles.Officer]),
        (new("/staff/rules", "Правила хранения", "Retention rules"), [Roles.Officer, Roles.Operator]),
        (new("/staff/data-map", "Карта данных", "Data map"), [Roles.Officer, Roles.Operator, Roles.Auditor]),
        (new("/staff/incidents", "Инциденты", "Incidents"), [Roles.Officer, Roles.Operator, Roles.Auditor]),
        (new("/staff/audit", "Журнал аудита", "Audit log"), [Roles.Auditor, Roles.Officer]),
    ];

    public static IReadOnlyList<NavigationLink> Of(Session? session) => session switch
    {
        null => [],
        { IsPerson: true } => Person,
        _ => [.. Staff.Where(entry => entry.Roles.Contains(session.Role)).Select(entry => entry.Link)],
    };
}
