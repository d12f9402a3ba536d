namespace Personalization.Portal;

/// <summary>What services are called in front of people.</summary>
internal static class ServiceNames
{
    public static string Of(Visitor visitor, string service) => visitor.Say(Russian(service), English(service));

    public static string Russian(string service) => service switch
    {
        "audit" => "Журнал аудита",
        "consent" => "Согласия",
        "message bus" => "Шина сообщений",
        "profile" => "Профили",
        "recommendation" => "Рекомендации",
        "retention" => "Хранение и уничтожение",
        _ => service,
    };

    private static string English(string service) => service switch
    {
        "audit" => "Audit log",
        "consent" => "Consents",
        "profile" => "Profiles",
        "recommendation" => "Recommendations",
        "retention" => "Retention and erasure",
        _ => service,
    };
}
