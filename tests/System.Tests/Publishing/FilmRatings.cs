using Personalization.Client;

namespace CinemaService;

public sealed record FilmRated(string FilmId, double Rating);

// One publisher for the process, over an HttpClient with the system's address and a token of the role product.
public sealed class FilmRatings(EventPublisher publisher)
{
    private readonly TypedPublisher<FilmRated> ratings = publisher.For<FilmRated>("film.rated", source: "/cinema");

    // The id is the rating's own, so that publishing it again changes nothing. Until this returns, the rating is only in memory.
    public async Task<bool> PublishAsync(string ratingId, string customerId, string filmId, double rating, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var result = await ratings.PublishAsync(ratingId, customerId, at, new FilmRated(filmId, rating), cancellationToken);

        // If not: result.Reason, "no-consent" for example; sending it again changes nothing.
        return result.IsAccepted;
    }
}
