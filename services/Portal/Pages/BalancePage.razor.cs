using Personalization.Platform.Telemetry;

namespace Personalization.Portal.Pages;

/// <summary>Benefit beside debt.</summary>
/// <param name="Services">What each service says of itself.</param>
/// <param name="Report">How people decide.</param>
/// <param name="Purposes">What people are asked: the names.</param>
/// <param name="Fields">What the declared fields are used for; null: that can't be told at the moment.</param>
public sealed record BalanceModel(IReadOnlyList<FiguresOfService> Services, ConsentReport Report, IReadOnlyList<Purpose> Purposes, IReadOnlyList<FieldUses>? Fields);

/// <summary>Benefit beside debt.</summary>
public sealed partial class BalancePage
{
    private IReadOnlyList<Debt> Debts =>
    [
        new(Say("Согласия с текстом, который с тех пор изменился", "Consents to a text that has changed since"), Sum("consent", "personalization.consent.stale"), Sum("consent", "personalization.consent.granting"),
            "/staff/consents", Say("К согласиям", "To the consents")),
        new(Say("Просроченные дела об уничтожении", "Overdue erasure cases"), Sum("retention", "personalization.erasure.overdue"), Sum("retention", "personalization.erasure.open"),
            "/staff/cases", Say("К делам", "To the cases")),
        new(Say("Поля, которые собирают и никто не использует", "Fields that are collected and used by nothing"), Model.Fields?.Count(declared => declared.IsUnused), Model.Fields?.Count,
            "/staff/events", Say("К полям", "To the fields")),
        new(Say("Возражения без ответа в срок", "Objections not answered in time"), Sum("retention", "personalization.objections.overdue"), Sum("retention", "personalization.objections.open"),
            "/staff/objections", Say("К возражениям", "To the objections")),
        new(Say("Инциденты с просроченным уведомлением", "Incidents with an overdue notice"), Sum("audit", "personalization.incidents.overdue"), null,
            "/staff/incidents", Say("К инцидентам", "To the incidents")),
    ];

    private int Owed => Debts.Count(debt => debt.Amount > 0);

    // How answers were made since the instance started; none were: null.
    private (double Personal, double All)? Answers
    {
        get
        {
            var all = Model.Services.Single(service => service.Service == "recommendation").Items.Where(figure => figure.Name == "personalization.recommendations").ToArray();
            return all.Sum(figure => figure.Value) is > 0 and var answered ? (all.Where(IsPersonal).Sum(figure => figure.Value), answered) : null;
        }
    }

    // By the model's last solution; too few people like anything, or it is too many items for one: null.
    private (double Personal, double Popular)? Guesses
    {
        get
        {
            var ndcg = Model.Services.Single(service => service.Service == "recommendation").Items.Where(figure => figure.Name == "personalization.model.ndcg")
                .ToDictionary(figure => figure.Tags.GetValueOrDefault("list") ?? "", figure => figure.Value);
            return ndcg.TryGetValue("personal", out var personal) && ndcg.TryGetValue("popular", out var popular) ? (personal, popular) : null;
        }
    }

    private string Gain((double Personal, double Popular) guesses) => guesses switch
    {
        { Popular: <= 0 } => Say("Общий список не угадал бы ничего.", "A common list would have guessed nothing."),
        { Personal: var personal, Popular: var popular } when personal > popular => Say($"На {Visitor.Percent((personal / popular) - 1)} точнее общего списка.", $"{Visitor.Percent((personal / popular) - 1)} better than a common list."),
        _ => Say("Не точнее общего списка.", "No better than a common list."),
    };

    private double? Sum(string service, string figure) => Model.Services.Single(answered => answered.Service == service).Sum(figure);

    private SuppressedRate? RateOf(Purpose purpose) => Model.Report.Totals.FirstOrDefault(total => total.Purpose == purpose.Id)?.OptInRate;

    // A section that the role can't open is no way to mend anything.
    private bool MayOpen(string path) => Navigation.Of(Visitor.Session).Any(link => link.Path == path);

    private string Amount(Debt debt) => debt switch
    {
        { Amount: null } => Say("сейчас не узнать", "can’t be told now"),
        { Of: > 0 and var of } => $"{Visitor.Number((long)debt.Amount)}\u00a0{Say("из", "of")}\u00a0{Visitor.Number((long)of)}",
        _ => Visitor.Number((long)debt.Amount),
    };

    private static double ShareOf(Debt debt) => debt.Amount is not > 0 ? 0 : debt.Of is > 0 and var of ? debt.Amount.Value / of : 1;

    private static bool IsPersonal(Figure figure) => figure.Tags.GetValueOrDefault("personalized") == bool.TrueString;

    /// <summary>Something owed.</summary>
    /// <param name="What">In words.</param>
    /// <param name="Amount">How much; null: that can't be told.</param>
    /// <param name="Of">Of how much; null: of nothing in particular.</param>
    /// <param name="Path">Where it is mended.</param>
    /// <param name="Mend">What that is called.</param>
    private sealed record Debt(string What, double? Amount, double? Of, string Path, string Mend);
}
