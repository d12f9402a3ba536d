namespace Personalization.Portal.Pages;

/// <summary>A person's choices.</summary>
/// <param name="Purposes">What people are asked.</param>
/// <param name="Consents">What this person decided.</param>
/// <param name="Shown">What a grant says it was decided on.</param>
/// <param name="Rewards">What they were given.</param>
/// <param name="Rules">How long data is kept; none if that can't be told at the moment.</param>
/// <param name="Problem">Why the last decision was not taken.</param>
public sealed record ChoicesModel(
    IReadOnlyList<Purpose> Purposes, Consents Consents, string? Shown, IReadOnlyList<Reward> Rewards, IReadOnlyList<RetentionRule> Rules, string? Problem);

/// <summary>A person's choices.</summary>
public sealed partial class ChoicesPage
{
    private int Services => Model.Consents.InForce.AppliedBy.Count + Model.Consents.InForce.WaitingFor.Count;

    private bool IsPending => Model.Consents.Purposes.Any(IsPendingFor);

    private IEnumerable<(Purpose Purpose, PurposeConsent Consent)> Choices =>
        from consent in Model.Consents.Purposes
        join purpose in Model.Purposes on consent.Purpose equals purpose.Id
        select (purpose, consent);

    private bool IsPendingFor(PurposeConsent consent) => consent.Since is not null && consent.InForce.Count < Services;

    private string State(PurposeConsent consent) => consent switch
    {
        { Since: null } => Say("Вы ещё не решили. Пока не решите, данные для этого не используются.", "You haven’t decided yet. Until you do, no data is used for it."),
        _ when consent.Granted.Any() && consent.Granted.Count() < consent.Categories.Count => Say($"Разрешено частично с {Visitor.Day(consent.Since.Value)}", $"Allowed in part since {Visitor.Day(consent.Since.Value)}"),
        _ when consent.Granted.Any() => Say($"Разрешено с {Visitor.Day(consent.Since.Value)}", $"Allowed since {Visitor.Day(consent.Since.Value)}"),
        _ when consent.Categories.Any(category => category.Decision == "expired") => Say($"Срок согласия истёк {Visitor.Day(consent.Since.Value)}", $"Your consent expired on {Visitor.Day(consent.Since.Value)}"),
        _ when consent.Categories.Any(category => category.Decision == "revoked") => Say($"Отозвано {Visitor.Day(consent.Since.Value)}", $"Withdrawn on {Visitor.Day(consent.Since.Value)}"),
        _ => Say($"Вы отказали {Visitor.Day(consent.Since.Value)}", $"You refused on {Visitor.Day(consent.Since.Value)}"),
    };

    private string? InForce(PurposeConsent consent)
    {
        if (consent.Since is null || Services == 0) return null;
        if (IsPendingFor(consent))
            return Say($"Действует в {consent.InForce.Count} из {Services} сервисов. Остальные применяют решение прямо сейчас.", $"In force in {consent.InForce.Count} of {Services} services. The others are applying it right now.");
        var last = consent.InForce.Max(applied => applied.At);
        return Say(
            $"Действует в {Services} из {Services} сервисов с {Visitor.Instant(last)}, {Visitor.Day(last)}", $"In force in {Services} of {Services} services since {Visitor.Instant(last)}, {Visitor.Day(last)}");
    }

    private string? Keeping(Purpose purpose, string category) =>
        Model.Rules.FirstOrDefault(rule => rule.Purpose == purpose.Id && rule.Category == category) is { } rule
            ? Say($"срок хранения: {RetentionWords.Keeping(Visitor, rule)}", $"kept: {RetentionWords.Keeping(Visitor, rule)}")
            : null;

    private static string Country(string code, Visitor visitor) => code == "RU" ? visitor.Say("Россия", "Russia") : code;
}
