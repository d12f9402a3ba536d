using System.Globalization;

namespace Personalization.Portal;

/// <summary>
/// Which notices this session was shown. Consent is told once for each session, notice version and language, whatever is loaded again; a decision then names
/// that record, so that its proof says when the person was told. The browser keeps the ids: nothing here leads from one to a person.
/// </summary>
internal sealed class ServedNotices
{
    private const string Cookie = "personalization-served";
    private readonly Dictionary<string, string> ids;

    private ServedNotices(Dictionary<string, string> ids) => this.ids = ids;

    /// <summary>As the browser says; what isn't of this form is nothing, and what isn't true Consent refuses.</summary>
    public static ServedNotices Of(HttpRequest request) => new((request.Cookies[Cookie] ?? "").Split('|')
        .Select(entry => entry.Split('=')).Where(pair => pair.Length == 2).DistinctBy(pair => pair[0]).ToDictionary(pair => pair[0], pair => pair[1]));

    /// <summary>Whoever comes next was shown nothing yet.</summary>
    public static void Forget(HttpContext context) => context.Response.Cookies.Delete(Cookie, Attributes(context));

    /// <summary>The record of that notice's having been shown; null: none.</summary>
    public string? Find(string purpose, int noticeVersion, string language) => ids.GetValueOrDefault(KeyOf(purpose, noticeVersion, language));

    /// <summary>Tells Consent of those that this session wasn't shown before. The page is shown whether it hears or not: then it is told with the next one.</summary>
    public async Task ServeAsync(HttpContext context, Session person, IReadOnlyList<Purpose> purposes, ConsentClient consent, CancellationToken cancellationToken)
    {
        // A browser that fetches ahead shows nothing.
        if (context.Request.Headers["Sec-Purpose"].ToString().Contains("prefetch", StringComparison.Ordinal)) return;
        var shown = purposes.Where(purpose => purpose.LawfulBasis == "consent").Select(purpose => (purpose.Id, purpose.NoticeVersion, purpose.NoticeIn(person.Language).Language)).ToArray();
        var added = await Task.WhenAll(shown.Where(notice => Find(notice.Id, notice.NoticeVersion, notice.Language) is null).Select(async notice =>
            (Key: KeyOf(notice.Id, notice.NoticeVersion, notice.Language), (await consent.ServedAsync(person, notice.Id, notice.NoticeVersion, notice.Language, cancellationToken)).Value?.ServedNoticeId)));
        if (added.All(notice => notice.ServedNoticeId is null)) return;

        foreach (var (key, id) in added.Where(notice => notice.ServedNoticeId is not null)) ids[key] = id!;
        // Notices of other versions aren't shown any more.
        var kept = ids.Where(pair => shown.Any(notice => pair.Key.StartsWith(KeyOf(notice.Id, notice.NoticeVersion, ""), StringComparison.Ordinal)));
        context.Response.Cookies.Append(Cookie, string.Join('|', kept.Select(pair => $"{pair.Key}={pair.Value}")), Attributes(context));
    }

    private static string KeyOf(string purpose, int noticeVersion, string language) => string.Create(CultureInfo.InvariantCulture, $"{purpose}.{noticeVersion}.{language}");

    // Until the browser closes, or somebody signs in or out.
    private static CookieOptions Attributes(HttpContext context) => new() { HttpOnly = true, SameSite = SameSiteMode.Lax, Secure = !Session.IsLoopback(context.Request.Host), Path = "/me" };
}
