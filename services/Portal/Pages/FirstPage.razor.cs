namespace Personalization.Portal.Pages;

/// <summary>What the first page tells.</summary>
/// <param name="Services">The services.</param>
/// <param name="IsGateway">Whether they run in containers behind this one, rather than in this process.</param>
/// <param name="IsDemo">Whether anybody may enter as anybody: on a developer's machine.</param>
/// <param name="HasIssuer">Whether people and staff can sign in at an issuer.</param>
/// <param name="Session">Why somebody was sent here.</param>
/// <param name="CheckedAt">When the services were asked, UTC.</param>
/// <param name="Address">Where the page was asked for.</param>
public sealed record FirstPageModel(IReadOnlyList<ServiceStatus> Services, bool IsGateway, bool IsDemo, bool HasIssuer, string? Session, DateTimeOffset CheckedAt, string Address);

/// <summary>The first page.</summary>
public sealed partial class FirstPage
{
    private static readonly string[] Roles = ["officer", "operator", "marketer", "auditor"];

    private string Headline => Model.Services.Count(service => !service.IsReady) switch
    {
        0 => Say("Всё готово к работе", "Everything is ready"),
        1 => Say($"{Title(Model.Services.First(service => !service.IsReady).Name)}: не готов к работе", $"{Title(Model.Services.First(service => !service.IsReady).Name)} is not ready"),
        var count => Say($"Не готовы к работе: {count} из {Model.Services.Count}", $"{count} of {Model.Services.Count} parts are not ready"),
    };

    private string? Notice => Model.Session switch
    {
        "over" => Say("Войдите, чтобы увидеть эту страницу: откройте ещё раз ссылку, по которой вы пришли.", "Sign in to see that page: open the link you came by once more."),
        "bad-link" => Say("Эта ссылка не действует: её срок истёк, или она скопирована не полностью. Попросите новую.", "This link isn’t valid: its time is over, or it wasn’t copied whole. Ask for a new one."),
        "not-signed-in" => Say("Войти не получилось, или вы передумали. Попробуйте ещё раз.", "Signing in didn’t work, or you changed your mind. Try again."),
        _ => null,
    };

    private string DemoCommand => Model.IsGateway ? "docker compose run --rm demo" : "./dev demo";

    private string TokenCommand => Model.IsGateway ? "docker compose run --rm --no-deps demo token operator" : "./dev token operator";

    private string Title(string name) => Visitor.Language == "ru" ? ServiceNames.Russian(name) : $"{char.ToUpperInvariant(name[0])}{name[1..]}";

    private string? Purpose(string name) => name switch
    {
        "audit" => Say("Журнал решений, уничтожений и квитанций, в котором видна любая правка", "The tamper-evident log of decisions, erasures and their receipts"),
        "consent" => Say("Цели, решения людей и доказательство каждого решения", "Purposes, people’s decisions and the proof of each"),
        "message bus" => Say("Передаёт события между сервисами", "Carries events between the services"),
        "profile" => Say("События и профили, насколько разрешено согласием", "Customer events and profiles, as far as consent permits"),
        "recommendation" => Say("Рекомендации и объяснения к ним", "Recommendations with their reasons"),
        "retention" => Say("Дела об уничтожении, от запроса до последней квитанции", "Erasure cases, followed to the last receipt"),
        _ => null,
    };

    private string RoleName(string role) => role switch
    {
        "officer" => Say("Ответственный за данные", "Data protection officer"),
        "operator" => Say("Оператор системы", "Operator"),
        "marketer" => Say("Маркетолог", "Marketer"),
        _ => Say("Аудитор", "Auditor"),
    };
}
