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

    /// <summary>As <see cref="EmptyForProduct"/>, and reads what an answer about the customer is made from: the gate and the history. It opens neither.</summary>
    public const string ReadOne = "/bench/read-one";

    /// <summary>Reads the body and commits <see cref="EventsARequest"/> events' bytes.</summary>
    public const string Store = "/bench/store";

    /// <summary>Events in a request to <see cref="Store"/>.</summary>
    public const int EventsARequest = 50;

    public string Name => "Bench";

    public void Configure(ModuleBuilder module) => module.WithoutStore().Endpoint(routes =>
    {
        routes.MapGet(Empty, () => TypedResults.Ok()).AllowAnonymous();
        routes.MapGet(EmptyForProduct, () => TypedResults.Ok()).AllowRoles(Roles.Product);
        routes.MapGet($"{ReadOne}/{{customerId}}", async (
            string customerId, SubjectRefs subjects, [FromKeyedServices(RecommendationModule.Service)] ServiceModule module, CancellationToken cancellationToken) =>
        {
            var person = subjects.Of(customerId);
            var session = module.OpenSession();
            var found = await module.Store.ReadAsync([session.Key<SubjectGate>(person), session.Key<SubjectHistory>(person)], cancellationToken);
            return found.Count == 2 ? Results.Ok() : Results.NotFound();
        }).AllowRoles(Roles.Product);
        routes.MapPost(Store, async (HttpRequest request, CancellationToken cancellationToken) =>
        {
            await request.Body.CopyToAsync(Stream.Null, cancellationToken);
            await store()!.StoreAsync(EventsARequest, cancellationToken);
            return TypedResults.Ok();
        }).AllowRoles(Roles.Product).WithMetadata(new RequestSizeLimitAttribute(4 * 1024 * 1024));
    });
}
