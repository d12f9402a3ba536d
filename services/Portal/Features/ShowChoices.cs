using Personalization.Portal.Pages;

namespace Personalization.Portal.Features;

/// <summary>A person's choices: what each purpose is, what was decided, and where it is in force.</summary>
internal static class ShowChoices
{
    public static void Map(IEndpointRouteBuilder routes) => routes.PersonPages().MapGet("/me", HandleAsync);

    private static async Task<IResult> HandleAsync(Visitor visitor, HttpContext context, ConsentClient consent, RetentionClient retention, CancellationToken cancellationToken, string? problem = null)
    {
        var person = visitor.Session!;
        var (purposes, consents, rewards, rules) = (
            consent.PurposesAsync(cancellationToken), consent.ConsentsAsync(person, cancellationToken), consent.RewardsAsync(person, cancellationToken), retention.RulesAsync(person, cancellationToken));
        if ((await purposes).Problem is { } unlisted) return Page.Of(unlisted);
        if ((await consents).Problem is { } unread) return Page.Of(unread);
        await ServedNotices.Of(context.Request).ServeAsync(context, person, (await purposes).Value!.All, consent, cancellationToken);

        // What is told beside the choices may be missing; the choices themselves may not.
        return Page.Of<ChoicesPage, ChoicesModel>(new ChoicesModel(
            (await purposes).Value!.All, (await consents).Value!, (await consents).ETag, (await rewards).Value?.All ?? [], (await rules).Value?.Rules ?? [], problem));
    }
}
