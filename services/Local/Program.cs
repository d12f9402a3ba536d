using Personalization.Audit;
using Personalization.Consent;
using Personalization.Platform;
using Personalization.Portal;
using Personalization.Profile;
using Personalization.Recommendation;
using Personalization.Retention;

return await ServiceHost.RunAsync(args, new AuditModule(), new ConsentModule(), new PortalModule(), new ProfileModule(), new RecommendationModule(), new RetentionModule());
