using Personalization.Tickets;

await using var office = await TicketOffice.StartAsync(args) ?? throw new InvalidOperationException("Tickets:Url names the address to listen on, http://+:8080 for example.");
await office.WaitForShutdownAsync();
