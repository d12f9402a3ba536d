using Personalization.Portal.Pages;

namespace Personalization.Portal.Features;

/// <summary>How the system is, by what every service says of itself.</summary>
internal static class ShowHealth
{
    public static void Map(IEndpointRouteBuilder routes) => routes.StaffPages().MapGet("/staff/health", HandleAsync);

    private static async Task<IResult> HandleAsync(Visitor visitor, ServiceFigures figures, ServiceReadiness readiness, TimeProvider time, CancellationToken cancellationToken)
    {
        var (asked, ready) = (figures.ReadAsync(visitor.Session!, cancellationToken), readiness.ReadAsync(cancellationToken));
        var (services, refusal) = await asked;
        return refusal is not null ? Page.Of(refusal) : Page.Of<HealthPage, HealthModel>(new HealthModel(services, await ready, time.GetUtcNow()));
    }
}
