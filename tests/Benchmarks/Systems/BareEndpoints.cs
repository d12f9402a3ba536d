using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Recommendation;
using Personalization.Recommendation.Domain;

namespace Personalization.Benchmarks.Systems;

/// <summary>Endpoints of the same host, behind the same middleware, that do nothing of what the system does.</summary>
internal sealed class BareEndpoints(Func<BareStore?> store) : IModule
{
    /// <summary>Answers 200 with nothing; needs no token.</summary>
    public const string Empty = "/bench/empty";

    /// <summary>As <see cref="Empty"/>, for a product service's token.</summary>
    public const string EmptyForProduct = "/bench/empty-for-product";

    /// <summary>As GET /recommendations/{customerId}, by an instance that keeps nothing of the person from an earlier answer.</summary>
    public const string First = "/bench/first";

    /// <summary>Reads the body and commits <see cref="EventsARequest"/> events' bytes.</summary>
    public const string Store = "/bench/store";

    /// <summary>Events in a request to <see cref="Store"/>.</summary>
    public const int EventsARequest = 50;

    public string Name => "Bench";

    public void Configure(ModuleBuilder module) => module.WithoutStore().Endpoint(routes =>
    {
        routes.MapGet(Empty, () => TypedResults.Ok()).AllowAnonymous();
        routes.MapGet(EmptyForProduct, () => TypedResults.Ok()).AllowRoles(Roles.Product);
        routes.MapGet($"{First}/{{customerId}}", async (
            string customerId, SubjectRefs subjects, OpenedHistories opened, Recommender recommender, HttpRequest request,
            [FromKeyedServices(RecommendationModule.Service)] ServiceModule module, CancellationToken cancellationToken) =>
        {
            opened.Forget(subjects.Of(customerId));
            return await recommender.AnswerAsync([customerId], null, 10, ReasonTexts.Of(request), module.OpenSession(), cancellationToken) is [var answer]
                ? Results.Ok(answer.Content)
                : Results.NotFound();
        }).AllowRoles(Roles.Product);
        routes.MapPost(Store, async (HttpRequest request, CancellationToken cancellationToken) =>
        {
            await request.Body.CopyToAsync(Stream.Null, cancellationToken);
            await store()!.StoreAsync(EventsARequest, cancellationToken);
            return TypedResults.Ok();
        }).AllowRoles(Roles.Product).WithMetadata(new RequestSizeLimitAttribute(4 * 1024 * 1024));
    });
}
