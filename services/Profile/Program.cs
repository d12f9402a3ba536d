return await Personalization.Platform.ServiceHost.RunAsync(args, new Personalization.Profile.ProfileModule());
