using System.Reflection;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Options;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Recommendation.Domain;

namespace Personalization.Recommendation.Features;

public static class GetRecommendations
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/recommendations/{customerId}", HandleAsync)
        .AllowRoles(Roles.Product, Roles.Operator, Roles.Subject)
        .ShowsStaff("recommendations", ["signal"])
        .WithSummary("Recommendations for a person, with reasons")
        .WithDescription("Reasons are in the language of ?language= or Accept-Language: ru or en. placement: one that was declared; its rules apply.");

    private static async Task<Results<AnswerResult, ProblemHttpResult>> HandleAsync(
        string customerId, int? limit, string? placement, HttpRequest request, DocumentSession session, Recommender recommender, CancellationToken cancellationToken)
    {
        if (!SubjectRefs.IsCustomerId(customerId)) return Problems.BadCustomerId();
        if (limit is < 1 or > Placement.MostItems) return BadLimit();
        return await recommender.AnswerAsync([customerId], placement, limit, ReasonTexts.Of(request), session, cancellationToken) is [var answer]
            ? new AnswerResult(answer)
            : UnknownPlacement();
    }

    internal static ProblemHttpResult BadLimit() =>
        Problems.Of(StatusCodes.Status400BadRequest, "bad-limit", "The limit is out of range.", $"1 to {Placement.MostItems}; the placement's if left out.");

    internal static ProblemHttpResult UnknownPlacement() =>
        Problems.Of(StatusCodes.Status400BadRequest, "unknown-placement", "There is no such placement.", "Declare it with PUT /placements/{id}, or name none.");
}

/// <summary>200 with an answer's bytes, which are made once for all who get it.</summary>
internal sealed class AnswerResult(PreparedAnswer answer) : IResult, IEndpointMetadataProvider, IValueHttpResult, IStatusCodeHttpResult
{
    public object Value => answer.Content;

    public int? StatusCode => StatusCodes.Status200OK;

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(Recommendations), ["application/json"]));

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var json = answer.Json(httpContext.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions);
        httpContext.Response.ContentType = "application/json; charset=utf-8";
        httpContext.Response.ContentLength = json.Length;
        return httpContext.Response.Body.WriteAsync(json, httpContext.RequestAborted).AsTask();
    }
}
