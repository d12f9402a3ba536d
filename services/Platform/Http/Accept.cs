using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace Personalization.Platform.Http;

/// <summary>Chooses the form of an answer by the request's <c>Accept</c>, and its language (RFC 9110, 12.5).</summary>
public static class Accept
{
    /// <summary>
    /// The form the caller wants most: the range that names a form most exactly gives its weight, of equal weights the first offered wins.
    /// </summary>
    /// <param name="request">The request; without <c>Accept</c> it takes anything.</param>
    /// <param name="offered">Media types, the preferred one first.</param>
    /// <returns>One of those offered; null if the caller takes none of them, or the header can't be read.</returns>
    public static string? Choose(HttpRequest request, params ReadOnlySpan<string> offered)
    {
        var header = request.Headers.Accept;
        if (header.Count == 0 || header.All(string.IsNullOrWhiteSpace)) return offered[0];
        if (!MediaTypeHeaderValue.TryParseList([.. header.OfType<string>()], out var ranges)) return null;
        string? best = null;
        double most = 0;
        foreach (var type in offered)
        {
            var weight = WeightOf(new MediaTypeHeaderValue(type), ranges);
            if (weight > most) (best, most) = (type, weight);
        }

        return best;
    }

    /// <summary>The language of <c>?language=</c>, or the one the caller wants most of those in <c>Accept-Language</c>; parts after the first '-' don't count.</summary>
    /// <param name="request">The request.</param>
    /// <param name="offered">Languages in lower case; the first is for who wants none of them.</param>
    public static string ChooseLanguage(HttpRequest request, params IReadOnlyList<string> offered)
    {
        if (request.Query["language"].Count == 0 && request.Headers.AcceptLanguage.Count == 0) return offered[0];
        return request.Query["language"]
            .Concat(request.GetTypedHeaders().AcceptLanguage.OrderByDescending(accepted => accepted.Quality ?? 1).Select(accepted => accepted.Value.Value))
            .Select(language => language?.Split('-')[0].ToLowerInvariant())
            .FirstOrDefault(language => language is not null && offered.Contains(language)) ?? offered[0];
    }

    /// <summary>406.</summary>
    public static ProblemHttpResult NotAcceptable(params IReadOnlyList<string> offered) => Problems.Of(
        StatusCodes.Status406NotAcceptable, "not-acceptable", "There is no such form of it.", $"Accept: {string.Join(", ", offered)}.");

    private static double WeightOf(MediaTypeHeaderValue type, IList<MediaTypeHeaderValue> ranges) => ranges
        .Where(range => range.MatchesAllTypes || (range.MatchesAllSubTypes ? range.Type == type.Type : range.MediaType.Equals(type.MediaType, StringComparison.OrdinalIgnoreCase)))
        .OrderBy(range => range.MatchesAllTypes ? 0 : range.MatchesAllSubTypes ? 1 : 2)
        .Select(range => range.Quality ?? 1)
        .LastOrDefault();
}
