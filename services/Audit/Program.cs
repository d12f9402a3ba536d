return await Personalization.Platform.ServiceHost.RunAsync(args, new Personalization.Audit.AuditModule());
