using Personalization.Platform.Http;

namespace Personalization.Recommendation;

/// <summary>Why an item is recommended, in one language.</summary>
/// <param name="Because">Of an item the person liked, by its title.</param>
/// <param name="ByChance">It was chosen by chance.</param>
/// <param name="ForEverybody">Many people like it.</param>
/// <param name="FromCatalogue">It is there.</param>
public sealed record ReasonTexts(Func<string, string> Because, string ByChance, string ForEverybody, string FromCatalogue)
{
    /// <summary>In English.</summary>
    public static readonly ReasonTexts English = new(
        title => $"Because of “{title}”: people who liked it liked this too.",
        "Something else: chosen by chance, because nothing you did speaks for it or against it.",
        "Liked by many people; this list is the same for everybody and uses nothing about you.",
        "From the catalogue; this list is the same for everybody and uses nothing about you.");

    private static readonly ReasonTexts Russian = new(
        title => $"Из-за «{title}»: тем, кому это понравилось, понравилось и то, что мы советуем.",
        "Что-то другое: выбрано случайно, ничто из ваших действий не говорит ни за, ни против.",
        "Нравится многим; этот список одинаков для всех, и ничего о вас в нём не использовано.",
        "Из каталога; этот список одинаков для всех, и ничего о вас в нём не использовано.");

    /// <summary>In the language of <c>?language=</c> or <c>Accept-Language</c>; English for others.</summary>
    public static ReasonTexts Of(HttpRequest request) => Accept.ChooseLanguage(request, "en", "ru") == "ru" ? Russian : English;
}
