using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Personalization.Contracts.Audit;
using Personalization.Contracts.Consent;
using Personalization.Contracts.Profile;
using Personalization.Contracts.Retention;
using Personalization.Platform;

namespace Personalization.StandIns;

/// <summary>Stands in for Consent: publishes what the test decides and serves it as the stream.</summary>
public sealed class ConsentStandIn : IModule
{
    /// <inheritdoc/>
    public string Name => "Consent";

    /// <inheritdoc/>
    public void Configure(ModuleBuilder module) => module
        .Publishes<ConsentGranted>()
        .Publishes<ConsentRevoked>()
        .Consumer<RecordOn<ConsentApplied>, ConsentApplied>()
        .Endpoint(Map);

    // Open to everybody: the test's clock runs ahead of the one that tokens are checked by.
    private static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/internal/consent-stream", (long after, Surroundings around) =>
            around.IsConsentReachable ? Results.Json(around.PageAfter(after), Json.Options) : Results.StatusCode(StatusCodes.Status503ServiceUnavailable))
        .AllowAnonymous();
}

/// <summary>Stands in for Retention, which sends erasure commands and rules and keeps the receipts; and says for the log what others would.</summary>
public sealed class RetentionStandIn : IModule
{
    /// <inheritdoc/>
    public string Name => "Retention";

    /// <inheritdoc/>
    public void Configure(ModuleBuilder module) => module
        .Publishes<EraseSubject>()
        .Publishes<ErasureCompleted>()
        .Publishes<ExportCompleted>()
        .Publishes<FieldsMinimized>()
        .Publishes<LegalHoldsChanged>()
        .Publishes<ObjectionReceived>()
        .Publishes<PersonalDataRead>()
        .Publishes<ReadRulesChanged>()
        .Publishes<RetentionRulesChanged>()
        .Publishes<StaffReadDecided>()
        .Consumer<RecordOn<DataMapAnnounced>, DataMapAnnounced>()
        .Consumer<RecordOn<SubjectDataErased>, SubjectDataErased>()
        .Consumer<RecordOn<SubjectDataExpired>, SubjectDataExpired>()
        .Endpoint(Map);

    private static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/internal/erasures", (string? after, bool? holds, Surroundings around) => around.IsRetentionReachable
            ? Results.Json(around.ErasuresAfter(after ?? "") with { Holds = holds == true ? [.. around.Holds] : null }, Json.Options) : Results.StatusCode(StatusCodes.Status503ServiceUnavailable))
        .AllowAnonymous();
}
