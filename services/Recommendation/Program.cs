using Personalization.Platform;
using Personalization.Recommendation;

return await ServiceHost.RunAsync(args, new RecommendationModule());
