using Microsoft.Extensions.Options;
using Personalization.Platform;
using Personalization.Platform.Security;
using Personalization.Portal.Features;
using Yarp.ReverseProxy.Forwarder;

namespace Personalization.Portal;

/// <summary>The one public port: the web pages and, where the services run elsewhere, the gateway to them.</summary>
public sealed class PortalModule : IModule
{
    /// <inheritdoc/>
    public string Name => "Portal";

    /// <inheritdoc/>
    public void Configure(ModuleBuilder module) => module
        .WithoutStore()
        .Options<PortalOptions>()
        .Services(AddServices)
        .CallersClient<AuditClient>("Portal:Services:audit")
        .CallersClient<ConsentClient>("Portal:Services:consent")
        .CallersClient<ProfileClient>("Portal:Services:profile")
        .CallersClient<RecommendationClient>("Portal:Services:recommendation")
        .CallersClient<RetentionClient>("Portal:Services:retention")
        .Endpoint(ServeAsset.Map)
        .Endpoint(ShowFirstPage.Map)
        .Endpoint(SignIn.Map)
        .Endpoint(GoHome.Map)
        .Endpoint(SignOut.Map)
        .Endpoint(ChooseLanguage.Map)
        .Endpoint(ShowChoices.Map)
        .Endpoint(ChangeChoice.Map)
        .Endpoint(RestrictMyData.Map)
        .Endpoint(ShowData.Map)
        .Endpoint(ShowReasons.Map)
        .Endpoint(GiveFeedback.Map)
        .Endpoint(ShowHistory.Map)
        .Endpoint(DownloadReceipt.Map)
        .Endpoint(ShowExport.Map)
        .Endpoint(RequestExport.Map)
        .Endpoint(DownloadExport.Map)
        .Endpoint(ShowObjection.Map)
        .Endpoint(RaiseObjection.Map)
        .Endpoint(ShowForgetting.Map)
        .Endpoint(ForgetMe.Map)
        .Endpoint(FollowErasure.Map)
        .Endpoint(CancelErasure.Map)
        .Endpoint(DownloadCertificate.Map)
        .Endpoint(ShowStaffHome.Map)
        .Endpoint(ListCases.Map)
        .Endpoint(RecordOrder.Map)
        .Endpoint(ShowCase.Map)
        .Endpoint(RetryCase.Map)
        .Endpoint(ShowConsentReport.Map)
        .Endpoint(ShowBalance.Map)
        .Endpoint(ShowGroups.Map)
        .Endpoint(ShowAudiences.Map)
        .Endpoint(ShowEventTypes.Map)
        .Endpoint(ShowHealth.Map)
        .Endpoint(ShowQuarantine.Map)
        .Endpoint(ResolveQuarantined.Map)
        .Endpoint(ListObjections.Map)
        .Endpoint(AnswerObjection.Map)
        .Endpoint(ShowHolds.Map)
        .Endpoint(PlaceHold.Map)
        .Endpoint(EndHold.Map)
        .Endpoint(LiftRestriction.Map)
        .Endpoint(ShowRules.Map)
        .Endpoint(ChangeRules.Map)
        .Endpoint(ShowDataMap.Map)
        .Endpoint(ShowIncidents.Map)
        .Endpoint(RecordIncident.Map)
        .Endpoint(HandleIncident.Map)
        .Endpoint(ShowAuditLog.Map)
        .Endpoint(routes =>
        {
            if (!routes.ServiceProvider.GetRequiredService<IOptions<PortalOptions>>().Value.IsGateway)
            {
                EnterDemo.Map(routes);
                return;
            }

            DescribeServices.Map(routes);
            PassOn.Map(routes);
        });

    private static void AddServices(IServiceCollection services, IConfiguration configuration)
    {
        // Before the one that writes for programs, which takes what a browser takes besides.
        services.Insert(0, ServiceDescriptor.Singleton<IProblemDetailsWriter, ProblemPages>());
        services.AddSingleton<ServiceFigures>();
        services.AddSingleton<ServiceReadiness>();
        services.AddSingleton<IValidateOptions<PortalOptions>, CompleteOidc>();
        var options = configuration.GetSection("Portal").Get<PortalOptions>() ?? new PortalOptions();
        if (options.Oidc.IsOn && configuration["Security:Authority"] is { } authority) services.AddOidcSignIn(authority, options.Oidc);
        if (!options.IsGateway) return;

        services.AddSingleton<ServiceClients>();
        services.AddHealthChecks().AddCheck<GatewayHealth>("portal", timeout: TimeSpan.FromSeconds(5));
        services.AddSingleton<IForwarderHttpClientFactory, TrustingClientFactory>();
        services.AddReverseProxy().LoadFromMemory(PassOn.Routes(options), PassOn.Clusters(options));
    }
}

/// <summary>Passes on to servers of the deployment only.</summary>
internal sealed class TrustingClientFactory(ServerTrust trust) : ForwarderHttpClientFactory
{
    protected override void ConfigureHandler(ForwarderHttpClientContext context, SocketsHttpHandler handler)
    {
        base.ConfigureHandler(context, handler);
        handler.SslOptions.RemoteCertificateValidationCallback = trust.Accepts;
    }
}
