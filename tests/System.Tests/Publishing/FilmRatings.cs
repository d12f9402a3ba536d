#pragma warning disable RS0030 // A product service publishes for itself; the ban is for the services of this system.
using System.Text.Json;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Personalization.Contracts.Profile;

namespace CinemaService;

public static class FilmRatingsRegistration
{
    public static IServiceCollection AddFilmRatings(this IServiceCollection services, Uri broker) => services
        .AddScoped<FilmRatings>()
        .AddMassTransit(bus => bus.UsingRabbitMq((_, rabbit) =>
        {
            rabbit.Host(broker);
            rabbit.Message<CustomerEvent>(message => message.SetEntityName("customer-events"));
        }));
}

public sealed class FilmRatings(IPublishEndpoint bus)
{
    // The id is the rating's own, so that publishing it again changes nothing.
    public Task PublishAsync(string ratingId, string customerId, string filmId, double rating, DateTimeOffset at, CancellationToken cancellationToken) => bus.Publish(
        new CustomerEvent
        {
            Id = ratingId,
            Source = "/cinema",
            Type = "film.rated",
            Subject = customerId,
            Time = at,
            Data = JsonSerializer.SerializeToElement(new { filmId, rating }),
        },
        cancellationToken);
}
