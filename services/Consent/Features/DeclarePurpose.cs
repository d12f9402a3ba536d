using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Consent.Domain;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>Body of <c>PUT /purposes/{id}</c>.</summary>
/// <param name="LawfulBasis">consent, contract, legal-obligation, vital-interests, public-task or legitimate-interests.</param>
/// <param name="Categories">Categories of data it uses.</param>
/// <param name="Notices">The texts, one per language.</param>
/// <param name="Type">What it is about.</param>
/// <param name="IsConditionOfService">The service can't be given without it; then its basis is not consent.</param>
/// <param name="SensitiveCategories">Those of the categories that the law protects more.</param>
/// <param name="Recipients">Who receives the data.</param>
/// <param name="Processors">Who processes it on the operator's behalf.</param>
/// <param name="StorageLocations">Countries, ISO 3166-1 alpha-2.</param>
/// <param name="Jurisdictions">Countries, ISO 3166-1 alpha-2.</param>
/// <param name="RetentionReference">Where the periods of keeping are written down.</param>
/// <param name="Reward">What the person gets for openness.</param>
/// <param name="ValidDays">Days a grant is valid.</param>
/// <param name="MaterialChange">False: the notices say the same in better words. Null and true: people are asked something else than before.</param>
/// <param name="OnMaterialChange">What becomes of grants on older notices.</param>
/// <param name="RenewWithinDays">Days to agree anew before a grant lapses.</param>
/// <param name="CategoryNames">What the categories are, in a few words, by category and language.</param>
public sealed record DeclarePurposeRequest(
    string LawfulBasis, IReadOnlyList<string> Categories, IReadOnlyList<NoticeText> Notices, PurposeType Type = PurposeType.Personalization, bool IsConditionOfService = false,
    IReadOnlyList<string>? SensitiveCategories = null, IReadOnlyList<string>? Recipients = null, IReadOnlyList<string>? Processors = null,
    IReadOnlyList<string>? StorageLocations = null, IReadOnlyList<string>? Jurisdictions = null, string? RetentionReference = null, Reward? Reward = null,
    int? ValidDays = null, bool? MaterialChange = null, MaterialChangePolicy OnMaterialChange = MaterialChangePolicy.Keep, int RenewWithinDays = 0,
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>? CategoryNames = null);

/// <summary>A notice in one language.</summary>
public sealed record NoticeText(string Language, string Title, string Text);

/// <summary>
/// Declares a purpose, or publishes a new version of its notices when people are told something else; the same content again changes
/// nothing. Who agreed to an older version is asked again if the change is material.
/// </summary>
internal static class DeclarePurpose
{
    private static readonly string[] LawfulBases = [Purpose.ConsentBasis, "contract", "legal-obligation", "vital-interests", "public-task", "legitimate-interests"];

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPut("/purposes/{id}", HandleAsync)
        .AllowRoles(Roles.Operator, Roles.Officer)
        .ShowsNobody()
        .WithSummary("Declare a purpose, or publish a new version of its notices");

    private static async Task<Results<Ok<Purpose>, ProblemHttpResult>> HandleAsync(
        string id, DeclarePurposeRequest request, DocumentSession session, TimeProvider time, CancellationToken cancellationToken)
    {
        if (Check(id, request) is { } wrong) return Refused(wrong);
        var others = await session.QueryAsync<Purpose>("all", cancellationToken: cancellationToken);
        var before = others.FirstOrDefault(purpose => purpose.Id == id);
        var declared = Read(id, request);

        // One text that speaks for two purposes would be one consent to two aims.
        if (others.Any(other => other.Id != id && other.Notices.Any(notice => declared.Notices.Any(own => own.Sha256 == notice.Sha256))))
            return Refused("notices: another purpose has the same text; people consent to each purpose apart (152-FZ art. 9).");
        var takesMore = before is not null && declared.TakesMoreThan(before);
        if (takesMore && request.MaterialChange == false)
            return Refused("materialChange: a purpose that uses more data, or is in more hands or places, asks people something else.");

        var now = time.GetUtcNow();
        if (before is null || !declared.AsksTheSameAs(before))
        {
            var version = (before?.NoticeVersion ?? 0) + 1;
            var isMaterial = before is null || request.MaterialChange != false;
            declared = declared with { NoticeVersion = version, MaterialChange = isMaterial, MaterialVersion = isMaterial ? version : before!.MaterialVersion };
            if (isMaterial && before is { IsConsentBased: true })
            {
                var renewBy = declared.OnMaterialChange == MaterialChangePolicy.Lapse ? now.AddDays(declared.RenewWithinDays) : (DateTimeOffset?)null;
                await session.LoadAsync<NoticeChange>(id, cancellationToken);
                session.Store(new NoticeChange { Id = id, NoticeVersion = version, PublishedAt = now, PassStartedAt = now, RenewBy = renewBy });
            }
        }
        else
        {
            declared = declared with { NoticeVersion = before.NoticeVersion, MaterialChange = before.MaterialChange, MaterialVersion = before.MaterialVersion };
        }

        declared = declared with { LimitedBefore = before?.GrantsMayEnd == true };
        session.Store(declared);
        if (declared.NoticeVersion != before?.NoticeVersion) session.Store(new PurposeVersion { Purpose = declared, PublishedAt = now });
        return TypedResults.Ok(declared);
    }

    private static Purpose Read(string id, DeclarePurposeRequest request) => new()
    {
        Id = id,
        Type = request.Type,
        LawfulBasis = request.LawfulBasis,
        IsConditionOfService = request.IsConditionOfService,
        Categories = request.Categories,
        CategoryNames = request.CategoryNames ?? new Dictionary<string, IReadOnlyDictionary<string, string>>(),
        SensitiveCategories = request.SensitiveCategories ?? [],
        Recipients = request.Recipients ?? [],
        Processors = request.Processors ?? [],
        StorageLocations = request.StorageLocations ?? [],
        Jurisdictions = request.Jurisdictions ?? [],
        RetentionReference = request.RetentionReference ?? "/retention-rules",
        Reward = request.Reward,
        ValidDays = request.ValidDays,
        OnMaterialChange = request.OnMaterialChange,
        RenewWithinDays = request.RenewWithinDays,
        NoticeVersion = 0,
        Notices = [.. request.Notices.Select(notice => Notice.Of(notice.Language, notice.Title, notice.Text))],
    };

    private static ProblemHttpResult Refused(string wrong) => Problems.Of(StatusCodes.Status400BadRequest, "bad-declaration", "The purpose can't be declared so.", wrong);

    private static string? Check(string id, DeclarePurposeRequest request) => request switch
    {
        _ when !IsName(id) => "The id is lower-case letters, digits and '-', at most 64.",
        _ when !LawfulBases.Contains(request.LawfulBasis) => $"lawfulBasis: one of {string.Join(", ", LawfulBases)}.",
        { IsConditionOfService: true, LawfulBasis: Purpose.ConsentBasis } =>
            "isConditionOfService: what the service can't be given without is not consented to freely (152-FZ art. 9, GDPR art. 7(4)); name another basis.",
        { IsConditionOfService: true, Reward: not null } => "reward: a reward is never tied to the service itself.",
        { Categories: [] } => "categories: at least one.",
        _ when !request.Categories.All(IsName) || request.Categories.Distinct().Count() != request.Categories.Count => "categories: distinct, lower-case letters, digits and '-'.",
        _ when request.SensitiveCategories?.Except(request.Categories).Any() == true => "sensitiveCategories: only some of the categories.",
        { CategoryNames: { } names } when names.Any(name => !request.Categories.Contains(name.Key) || !Titles(name.Value)) =>
            "categoryNames: of the categories, a name of up to 200 characters for each language.",
        _ when !Texts(request.Recipients) || !Texts(request.Processors) => "recipients, processors: up to 50 names of up to 200 characters.",
        _ when !Countries(request.StorageLocations) || !Countries(request.Jurisdictions) => "storageLocations, jurisdictions: two capital letters each (ISO 3166-1).",
        { RetentionReference.Length: 0 or > 200 } => "retentionReference: 1 to 200 characters.",
        { Reward: { } reward } when !IsName(reward.Id) || !Titles(reward.Titles) =>
            "reward: an id as of a purpose, and a title of up to 200 characters for at least one language.",
        { Notices: [] } => "notices: at least one language.",
        _ when request.Notices.Select(notice => notice.Language).Distinct().Count() != request.Notices.Count => "notices: one per language.",
        _ when request.Notices.Any(notice => notice is not { Language.Length: 2, Title.Length: > 0 and <= 200, Text.Length: > 0 and <= 10_000 }) =>
            "notices: a two-letter language, a title of up to 200 and a text of up to 10000 characters.",
        { ValidDays: < 1 or > 3650 } => "validDays: 1 to 3650.",
        { RenewWithinDays: < 0 or > 365 } => "renewWithinDays: 0 to 365.",
        { RenewWithinDays: > 0, OnMaterialChange: MaterialChangePolicy.Keep } => "renewWithinDays: only where onMaterialChange is lapse.",
        _ => null,
    };

    private static bool IsName(string value) => value is { Length: > 0 and <= 64 } && value.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    private static bool Texts(IReadOnlyList<string>? values) => values is null || (values.Count <= 50 && values.All(value => value.Length is > 0 and <= 200));

    private static bool Titles(IReadOnlyDictionary<string, string>? titles) =>
        titles is { Count: > 0 } && titles.All(title => title is { Key.Length: 2, Value: { Length: > 0 and <= 200 } });

    private static bool Countries(IReadOnlyList<string>? values) => values is null || values.All(value => value.Length == 2 && value.All(char.IsAsciiLetterUpper));
}
