using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Personalization.Portal.Pages;

namespace Personalization.Portal.Features;

/// <summary>
/// The staff change how long data is kept: they write the rules, see whose data these would erase today, in numbers, and confirm. Nothing is changed
/// before that, and nothing if somebody else has changed the rules meanwhile.
/// </summary>
internal static class ChangeRules
{
    private const string Edit = "/staff/rules/edit";
    private const string Preview = "/staff/rules/preview";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.StaffPages();
        pages.MapGet(Edit, ShowAsync);
        pages.MapPost(Edit, EditAsync).DisableAntiforgery();
        // What a preview was of is gone with its form, after the language was changed for example.
        pages.MapGet(Preview, () => Page.SeeOther(Edit));
        pages.MapPost(Preview, PreviewAsync).DisableAntiforgery();
        pages.MapPost("/staff/rules", ReplaceAsync).DisableAntiforgery();
    }

    private static async Task<IResult> ShowAsync(Visitor visitor, RetentionClient retention, ConsentClient consent, CancellationToken cancellationToken) =>
        await AskAsync(null, null, visitor, retention, consent, cancellationToken);

    private static async Task<IResult> EditAsync([FromForm] RulesForm form, Visitor visitor, RetentionClient retention, ConsentClient consent, CancellationToken cancellationToken) =>
        await AskAsync(form, null, visitor, retention, consent, cancellationToken);

    private static async Task<IResult> PreviewAsync([FromForm] RulesForm form, Visitor visitor, RetentionClient retention, ConsentClient consent, CancellationToken cancellationToken)
    {
        var session = visitor.Session!;
        var (current, purposes, preview) = (retention.RulesAsync(session, cancellationToken), consent.PurposesAsync(cancellationToken), retention.PreviewAsync(session, RulesOf(form), cancellationToken));
        var problem = (await current).Problem ?? (await preview).Problem;
        return problem is not null
            ? await AskAsync(form, problem, visitor, retention, consent, cancellationToken)
            : Page.Of<RulesPreviewPage, RulesPreviewModel>(new RulesPreviewModel(form, RulesOf(form), (await current).Value!, (await purposes).Value?.All ?? [], (await preview).Value!));
    }

    private static async Task<IResult> ReplaceAsync([FromForm] RulesForm form, Visitor visitor, RetentionClient retention, ConsentClient consent, CancellationToken cancellationToken)
    {
        var problem = (await retention.ReplaceRulesAsync(visitor.Session!, form.Version, RulesOf(form), form.Reason?.Trim() ?? "", cancellationToken)).Problem;
        return problem switch
        {
            null => Page.SeeOther("/staff/rules"),
            { Slug: "rules-changed" } => await AskAsync(null, problem, visitor, retention, consent, cancellationToken),
            _ => await AskAsync(form, problem, visitor, retention, consent, cancellationToken),
        };
    }

    // The rules in force, or those that were written already.
    private static async Task<IResult> AskAsync(
        RulesForm? form, Problem? problem, Visitor visitor, RetentionClient retention, ConsentClient consent, CancellationToken cancellationToken)
    {
        if (problem is { Status: StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden }) return Page.Of(problem);
        var (rules, purposes) = (retention.RulesAsync(visitor.Session!, cancellationToken), consent.PurposesAsync(cancellationToken));
        if ((await rules).Problem is { } unread) return Page.Of(unread);
        if ((await purposes).Problem is { } unlisted) return Page.Of(unlisted);
        return Page.Of<RulesFormPage, RulesFormModel>(
            new RulesFormModel(form ?? FormOf((await rules).Value!, (await purposes).Value!.All), (await purposes).Value!.All, problem?.Slug), problem?.Status ?? StatusCodes.Status200OK);
    }

    // Each category that people are asked for needs a rule, and nothing else may have one.
    private static RulesForm FormOf(RetentionRules rules, IReadOnlyList<Purpose> purposes) => new()
    {
        Version = rules.Version,
        Rules =
        [
            .. from purpose in purposes
               from category in purpose.Categories
               let rule = rules.Rules.FirstOrDefault(rule => rule.Purpose == purpose.Id && rule.Category == category)
               select new RuleForm
               {
                   Purpose = purpose.Id, Category = category, KeepDays = rule is null or { KeepDays: 0 } ? null : rule.KeepDays.ToString(CultureInfo.InvariantCulture), From = rule?.From, LegalBasis = rule?.LegalBasis,
                   FreezeDays = rule?.FreezeDays?.ToString(CultureInfo.InvariantCulture),
               },
        ],
    };

    // A period that is no number is none, which the service refuses.
    private static IReadOnlyList<RetentionRule> RulesOf(RulesForm form) =>
    [
        .. (form.Rules ?? []).Select(rule => new RetentionRule(
            rule.Purpose ?? "", rule.Category ?? "",
            rule.From != RetentionWords.ConsentEnded && int.TryParse(rule.KeepDays, NumberStyles.None, CultureInfo.InvariantCulture, out var days) ? days : 0,
            string.IsNullOrEmpty(rule.From) ? null : rule.From, string.IsNullOrWhiteSpace(rule.LegalBasis) ? null : rule.LegalBasis.Trim(),
            string.IsNullOrWhiteSpace(rule.FreezeDays) ? null : int.TryParse(rule.FreezeDays, NumberStyles.None, CultureInfo.InvariantCulture, out var frozen) ? frozen : 0)),
    ];
}

/// <summary>What the form says.</summary>
public sealed record RulesForm
{
    /// <summary>The version that was changed.</summary>
    public long Version { get; init; }

    /// <summary>All rules.</summary>
    public RuleForm[]? Rules { get; init; }

    /// <summary>Why.</summary>
    public string? Reason { get; init; }
}

/// <summary>One rule of it.</summary>
public sealed record RuleForm
{
    /// <summary>The purpose.</summary>
    public string? Purpose { get; init; }

    /// <summary>The category.</summary>
    public string? Category { get; init; }

    /// <summary>Days; not said where data goes with the consent.</summary>
    public string? KeepDays { get; init; }

    /// <summary>From when they count; not said: from receipt.</summary>
    public string? From { get; init; }

    /// <summary>By which law, if by one.</summary>
    public string? LegalBasis { get; init; }

    /// <summary>Days for which it is frozen by that law afterwards; not said: none.</summary>
    public string? FreezeDays { get; init; }
}
