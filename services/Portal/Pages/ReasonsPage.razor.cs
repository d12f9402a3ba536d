namespace Personalization.Portal.Pages;

/// <summary>Recommendations with their reasons.</summary>
/// <param name="Recommended">What is recommended.</param>
/// <param name="Done">What the person has just asked for.</param>
/// <param name="Problem">Why that was not done.</param>
public sealed record ReasonsModel(Recommendations Recommended, string? Done, string? Problem);

/// <summary>Recommendations with their reasons.</summary>
public sealed partial class ReasonsPage
{
    private double Largest => Model.Recommended.Items.SelectMany(item => item.Reasons).Max(reason => reason.Share) is > 0 and var largest ? largest : 1;

    private string? Done => Model.Done switch
    {
        "lessLike" => Say("Учли: похожего будет меньше.", "Noted: there will be less like it."),
        "dontUse" => Say("Это больше не используется. Ниже — рекомендации уже без него.", "It isn’t used any more. Below are recommendations without it."),
        "forget" => Say("Это забыто и не вернётся, даже если придёт ещё раз.", "That is forgotten, and won’t come back even if it arrives again."),
        _ => null,
    };
}
