using Personalization.Audit;
using Personalization.Consent;
using Personalization.Platform;
using Personalization.Portal;
using Personalization.Profile;
using Personalization.Recommendation;
using Personalization.Retention;
using Personalization.Tickets;

// Somebody else's service, with an address and a store of its own: it only shares the process.
await using var tickets = await TicketOffice.StartAsync(args);
return await ServiceHost.RunAsync(args, new AuditModule(), new ConsentModule(), new PortalModule(), new ProfileModule(), new RecommendationModule(), new RetentionModule());
