using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Consent.Domain;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>Body of <c>PUT /purposes/{id}</c>.</summary>
public sealed record DeclarePurposeRequest(
    string LawfulBasis, IReadOnlyList<string> Categories, IReadOnlyList<NoticeText> Notices, IReadOnlyList<string>? Recipients = null, string? Reward = null, int? ValidDays = null);

/// <summary>A notice in one language.</summary>
public sealed record NoticeText(string Language, string Title, string Text);

/// <summary>Declares a purpose, or publishes a new version of its notices; the same content again changes nothing.</summary>
internal static class DeclarePurpose
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPut("/purposes/{id}", HandleAsync)
        .AllowRoles(Roles.Operator, Roles.Officer)
        .WithSummary("Declare a purpose");

    private static async Task<Results<Ok<Purpose>, ProblemHttpResult>> HandleAsync(string id, DeclarePurposeRequest request, DocumentSession session, CancellationToken cancellationToken)
    {
        if (Check(id, request) is { } wrong) return Problems.Of(StatusCodes.Status400BadRequest, "bad-declaration", "The purpose can't be declared so.", wrong);
        var before = await session.LoadAsync<Purpose>(id, cancellationToken);
        Notice[] notices = [.. request.Notices.Select(notice => Notice.Of(notice.Language, notice.Title, notice.Text))];

        // A person decided on the text and on the categories: either changing makes it another question.
        var isSameQuestion = before is not null && before.Notices.SequenceEqual(notices) && before.Categories.SequenceEqual(request.Categories);
        var purpose = new Purpose
        {
            Id = id,
            LawfulBasis = request.LawfulBasis,
            Categories = request.Categories,
            Recipients = request.Recipients ?? [],
            Reward = request.Reward,
            ValidDays = request.ValidDays,
            NoticeVersion = isSameQuestion ? before!.NoticeVersion : (before?.NoticeVersion ?? 0) + 1,
            Notices = notices,
        };
        session.Store(purpose);
        return TypedResults.Ok(purpose);
    }

    private static string? Check(string id, DeclarePurposeRequest request) => request switch
    {
        _ when !IsName(id) => "The id is lower-case letters, digits and '-', at most 64.",
        { LawfulBasis: not "consent" } => "lawfulBasis: only 'consent' is decided here.",
        { Categories: [] } => "categories: at least one.",
        _ when !request.Categories.All(IsName) || request.Categories.Distinct().Count() != request.Categories.Count => "categories: distinct, lower-case letters, digits and '-'.",
        { Notices: [] } => "notices: at least one language.",
        _ when request.Notices.Select(notice => notice.Language).Distinct().Count() != request.Notices.Count => "notices: one per language.",
        _ when request.Notices.Any(notice => notice is not { Language.Length: 2, Title.Length: > 0 and <= 200, Text.Length: > 0 and <= 10_000 }) =>
            "notices: a two-letter language, a title of up to 200 and a text of up to 10000 characters.",
        { ValidDays: < 1 or > 3650 } => "validDays: 1 to 3650.",
        _ => null,
    };

    private static bool IsName(string value) => value is { Length: > 0 and <= 64 } && value.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
}
