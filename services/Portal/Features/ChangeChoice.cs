using Microsoft.AspNetCore.Mvc;

namespace Personalization.Portal.Features;

/// <summary>A person decides on a purpose, or on one category of it, with one press of a button.</summary>
internal static class ChangeChoice
{
    public static void Map(IEndpointRouteBuilder routes) => routes.PersonPages().MapPost("/me/choices", HandleAsync).DisableAntiforgery();

    private static async Task<IResult> HandleAsync([FromForm] Choice choice, Visitor visitor, HttpRequest request, ConsentClient consent, CancellationToken cancellationToken)
    {
        var person = visitor.Session!;
        var consents = await consent.ConsentsAsync(person, cancellationToken);
        if (consents.Problem is { } unread) return Page.Of(unread);
        if (consents.Value!.Purposes.FirstOrDefault(purpose => purpose.Purpose == choice.Purpose) is not { } purpose) return Page.Of(new Problem(StatusCodes.Status404NotFound, "not-found"));

        var served = ServedNotices.Of(request).Find(choice.Purpose, choice.NoticeVersion, choice.Language);
        var decided = await DecideAsync(served);

        // That record is gone: the decision stands without it.
        if (served is not null && decided.Problem is { Slug: "unknown-served-notice" or "other-served-notice" }) decided = await DecideAsync(null);
        return decided.Problem switch
        {
            null => Page.SeeOther($"/me#{Uri.EscapeDataString(choice.Purpose)}"),
            { Status: StatusCodes.Status401Unauthorized } => Page.SignInFirst(),
            var problem => Page.SeeOther($"/me?problem={Uri.EscapeDataString(problem.Slug)}"),
        };

        Task<Answer<Decided>> DecideAsync(string? servedNoticeId)
        {
            return choice switch
            {
                { Decide: "grant" } => GrantAsync([.. purpose.Categories.Select(category => category.Category)]),
                { Decide: "deny" } => consent.DenyAsync(person, choice.Purpose, choice.NoticeVersion, choice.Language, servedNoticeId, cancellationToken),
                { TurnOn: { } category } => GrantAsync([.. purpose.Granted.Append(category).Distinct()]),
                { TurnOff: { } category } when purpose.Granted.Any(granted => granted != category) => GrantAsync([.. purpose.Granted.Where(granted => granted != category)]),
                _ => consent.RevokeAsync(person, choice.Purpose, cancellationToken),
            };

            Task<Answer<Decided>> GrantAsync(string[] categories) =>
                consent.GrantAsync(person, choice.Purpose, choice.NoticeVersion, choice.Language, categories, choice.Shown, servedNoticeId, cancellationToken);
        }
    }

    /// <summary>What the form says: what was shown, and which button was pressed.</summary>
    internal sealed record Choice
    {
        public required string Purpose { get; init; }

        public required int NoticeVersion { get; init; }

        /// <summary>The language the notice was shown in.</summary>
        public required string Language { get; init; }

        /// <summary>The ETag of the choices that the page showed.</summary>
        public string? Shown { get; init; }

        /// <summary><c>grant</c>, <c>deny</c> or <c>revoke</c>: the whole purpose.</summary>
        public string? Decide { get; init; }

        /// <summary>A category to permit.</summary>
        public string? TurnOn { get; init; }

        /// <summary>A category to permit no longer.</summary>
        public string? TurnOff { get; init; }
    }
}
