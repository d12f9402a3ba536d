using Personalization.Platform;
using Personalization.Portal;

return await ServiceHost.RunAsync(args, new PortalModule());
