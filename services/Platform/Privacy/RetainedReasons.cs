using Personalization.Contracts.Audit;
using Personalization.Platform.Storage;

namespace Personalization.Platform.Privacy;

/// <summary>Why participants keep something in an erasure, where it isn't a retention rule's own legal basis. A receipt says it in English; acts and pages in the reader's language.</summary>
public static class RetainedReasons
{
    /// <summary>A legal hold covers it.</summary>
    public static Wording LegalHold { get; } = Holds.Text(
        "Legal hold: frozen, nothing uses it (GDPR 17(3)(e), 18(2))", "Запрет на уничтожение: заблокировано и не используется (ст. 14 и 21 152-ФЗ, GDPR 17(3)(e), 18(2))");

    /// <summary>Those it was passed on to have to be told whose copies to erase.</summary>
    public static Wording PassedOn { get; } = Holds.Text(
        "Until those it was passed on to have erased their copies (GDPR 19, 152-FZ 21(5))", "Пока получатели данных не уничтожат свои копии (ч. 5 ст. 21 152-ФЗ, GDPR 19)");

    /// <summary>Product services ask whom to take off lists that they hold.</summary>
    public static Wording Withdrawal { get; } = Holds.Text(
        "So that product services take the person off audiences they hold (GDPR 19, 152-FZ 21(5))", "Чтобы продуктовые сервисы исключили субъекта из своих аудиторий (ч. 5 ст. 21 152-ФЗ, GDPR 19)");

    /// <summary>That the person had consented has to be shown.</summary>
    public static Wording ConsentProof { get; } = Holds.Text(
        "proof of consent: 152-FZ art. 9 p. 3, GDPR art. 7(1)", "Доказательство полученного согласия: ч. 3 ст. 9 152-ФЗ, GDPR 7(1)");

    /// <summary>A reward isn't taken away.</summary>
    public static Wording Reward { get; } = Holds.Text(
        "a reward stays the person's: withdrawing is without detriment (GDPR recital 42); given once", "Вознаграждение остаётся за субъектом: отзыв согласия не влечёт потерь (GDPR, п. 42 преамбулы); выдаётся один раз");

    private static readonly Dictionary<string, string> Russian =
        new[] { LegalHold, PassedOn, Withdrawal, ConsentProof, Reward }.ToDictionary(reason => reason.En, reason => reason.Ru);

    /// <summary>A receipt's reason in a language; that of somebody else (a rule's legal basis, a product service's) as they said it.</summary>
    /// <param name="reason">As the receipt says it.</param>
    /// <param name="language"><c>ru</c> or <c>en</c>.</param>
    public static string In(string language, string reason) => language == "ru" ? Russian.GetValueOrDefault(reason, reason) : reason;
}
