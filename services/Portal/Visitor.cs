using System.Globalization;

namespace Personalization.Portal;

/// <summary>Who looks at a page, in which language, and how things are said to them.</summary>
/// <param name="Language"><c>ru</c> or <c>en</c>.</param>
/// <param name="Session">Who is signed in; null: nobody.</param>
/// <param name="Path">The page.</param>
/// <param name="Back">The page with its query or, where a form was sent, the nearest page above it: what can be asked for again.</param>
public sealed record Visitor(string Language, Session? Session, string Path, string Back)
{
    internal const string LanguageCookie = "personalization-language";
    internal static readonly IReadOnlyList<string> Languages = ["ru", "en"];

    private static readonly string[] RussianMonths =
        ["января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"];

    private bool IsRussian => Language == "ru";

    /// <summary>Taken by handlers as a parameter.</summary>
    public static ValueTask<Visitor> BindAsync(HttpContext context) => ValueTask.FromResult(Of(context));

    /// <summary>One of both: texts stand side by side where they are said.</summary>
    public string Say(string ru, string en) => IsRussian ? ru : en;

    /// <summary>A number with its noun: Russian has three forms, English two.</summary>
    public string Count(long number, string one, string few, string many, string singular, string plural) =>
        $"{Number(number)}\u00a0{(IsRussian ? Form(number, one, few, many) : number == 1 ? singular : plural)}";

    /// <summary>How many people, or that there are too few to tell.</summary>
    public string People(SuppressedCount people) =>
        people.Count is { } count ? Count(count, "человек", "человека", "человек", "person", "people") : Say("слишком мало, чтобы назвать число", "too few to be told");

    /// <summary>Thousands in groups, as each language has them.</summary>
    public string Number(long number) => number.ToString("#,0", CultureInfo.InvariantCulture).Replace(",", IsRussian ? "\u00a0" : ",", StringComparison.Ordinal);

    /// <summary>A share in per cent.</summary>
    public string Percent(double share) => $"{(share * 100).ToString(share is > 0 and < .1 ? "0.0" : "0", CultureInfo.InvariantCulture).Replace(".", IsRussian ? "," : ".", StringComparison.Ordinal)}{Say("\u00a0%", "%")}";

    /// <summary>The day, UTC.</summary>
    public string Day(DateTimeOffset time)
    {
        var utc = time.UtcDateTime;
        return IsRussian
            ? $"{utc.Day.ToString(CultureInfo.InvariantCulture)}\u00a0{RussianMonths[utc.Month - 1]} {utc.Year.ToString(CultureInfo.InvariantCulture)}"
            : utc.ToString("d MMMM yyyy", CultureInfo.InvariantCulture).Replace(' ', '\u00a0');
    }

    /// <summary>Day and time, UTC.</summary>
    public string Moment(DateTimeOffset time) => $"{Day(time)}, {time.UtcDateTime.ToString("HH:mm", CultureInfo.InvariantCulture)}";

    /// <summary>The time of day to the millisecond, UTC.</summary>
    public string Instant(DateTimeOffset time) => time.UtcDateTime.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);

    /// <summary>A period in days, as people say it.</summary>
    public string Period(int days) => days switch
    {
        _ when days % 365 == 0 => Count(days / 365, "год", "года", "лет", "year", "years"),
        _ => Count(days, "день", "дня", "дней", "day", "days"),
    };

    /// <summary>A duration, in the largest unit that tells something.</summary>
    public string Lasting(TimeSpan time) => time switch
    {
        { TotalSeconds: < 1 } => Count((long)time.TotalMilliseconds, "мс", "мс", "мс", "ms", "ms"),
        { TotalSeconds: < 60 } => $"{time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture).Replace(".", IsRussian ? "," : ".", StringComparison.Ordinal)}\u00a0{Say("с", "s")}",
        { TotalMinutes: < 60 } => Count((long)time.TotalMinutes, "минута", "минуты", "минут", "minute", "minutes"),
        { TotalHours: < 48 } => Count((long)time.TotalHours, "час", "часа", "часов", "hour", "hours"),
        _ => Count((long)time.TotalDays, "день", "дня", "дней", "day", "days"),
    };

    internal static Visitor Of(HttpContext context) => new(LanguageOf(context.Request), Session.Of(context), context.Request.Path.Value ?? "/", BackOf(context));

    internal static string LanguageOf(HttpRequest request) => request.Cookies[LanguageCookie] is { } chosen && Languages.Contains(chosen)
        ? chosen
        : request.GetTypedHeaders().AcceptLanguage.OrderByDescending(language => language.Quality ?? 1)
            .Select(language => language.Value.Value!.Split('-')[0].ToLowerInvariant()).FirstOrDefault(Languages.Contains) ?? "en";

    // Browsers are asked to keep to themselves where they come from, here too.
    private static string BackOf(HttpContext context)
    {
        var request = context.Request;

        // A link that signs in has a token in it, which no page repeats.
        var query = request.Path.StartsWithSegments("/sign-in") ? "" : request.QueryString.ToUriComponent();
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) return request.Path.ToUriComponent() + query;
        for (var path = request.Path.ToUriComponent(); path.Length > 1; path = path[..path.LastIndexOf('/')])
        {
            if (Page.IsShown(context, path)) return path;
        }

        return "/";
    }

    private static string Form(long number, string one, string few, string many) => (number % 100, number % 10) switch
    {
        ( >= 11 and <= 14, _) => many,
        (_, 1) => one,
        (_, >= 2 and <= 4) => few,
        _ => many,
    };
}
