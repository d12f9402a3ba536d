using System.Globalization;
using System.Text.Json.Nodes;
using Personalization.Platform.Http;

namespace Personalization.Cli;

/// <summary>A product service of somebody else's that holds a copy: an erasure doesn't end at the door.</summary>
internal sealed class DemoProduct(ApiClient api, TicketOffice tickets, Narrator narrator, Promises promises)
{
    private const string Name = "tickets", Participant = "external/tickets";
    private static readonly TimeSpan OthersWithin = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(250);

    /// <summary>Has it take part and sells a ticket; then closes it, before the revocation.</summary>
    /// <exception cref="BrokenPromiseException">Something is not as promised.</exception>
    public async Task SellAsync(Person customer, CancellationToken cancellationToken)
    {
        narrator.Step("A ticket office sells tickets", "It is another team's service and keeps its own copy of who bought what, so it is registered to be told of erasures: with its address and a secret that signs both ways.");
        var registered = await api.SendUntilTakenAsync(
            ApiRequest.Put($"/participants/{Name}", Roles.Operator, new JsonObject { ["url"] = tickets.Webhook.OriginalString, ["secrets"] = new JsonArray(tickets.Secret) }), Server.StartsWithin, cancellationToken);
        narrator.Line($"     PUT /participants/{Name} {{ \"url\": \"{tickets.Webhook.OriginalString}\", \"secrets\": [\"whsec_…\"] }}");
        if (!registered.IsSuccess) throw new CommandException($"PUT /participants/{Name} answered {registered}");
        foreach (var rating in customer.Ratings.Take(2)) await tickets.SellAsync(customer.CustomerId, rating.Film.ToString(CultureInfo.InvariantCulture), cancellationToken);
        promises.Expect(await tickets.CountAsync(customer.CustomerId, cancellationToken) >= 2, $"{customer.CustomerId} has tickets there.");
        await tickets.CloseAsync(closed: true, cancellationToken);
        narrator.Line("     Then it closes for maintenance, and answers nobody.");
    }

    /// <summary>Once the revocation was answered: shows that the case waits for it, and opens it.</summary>
    /// <exception cref="BrokenPromiseException">Something is not as promised.</exception>
    public async Task ShowAwaitedAsync(string caseId, CancellationToken cancellationToken)
    {
        narrator.Step("The case waits for the ticket office", "Everybody else has erased. A service that doesn't answer is told again and again, and stays visible until it has.");
        var request = narrator.Show(ApiRequest.Get($"/erasures/{caseId}", Roles.Officer));
        var started = TimeProvider.System.GetTimestamp();
        ApiAnswer answer;
        do
        {
            answer = await api.SendAsync(request, cancellationToken);
            if (Awaiting(answer) is [Participant]) break;
            await Task.Delay(PollEvery, TimeProvider.System, cancellationToken);
        }
        while (TimeProvider.System.GetElapsedTime(started) < OthersWithin);

        narrator.Show(answer, $"state {answer.Body?["state"]}, awaiting {answer.Body?["awaiting"]?.ToJsonString()}");
        promises.Expect(Awaiting(answer) is [Participant] && (string?)answer.Body!["state"] == "partial", "The case is open, and says for whom.", answer);
        await tickets.CloseAsync(closed: false, cancellationToken);
        narrator.Line("     The ticket office opens again.");
    }

    /// <summary>Once the case is completed.</summary>
    /// <exception cref="BrokenPromiseException">Something is not as promised.</exception>
    public async Task ShowErasedAsync(Person customer, string caseId, CancellationToken cancellationToken)
    {
        promises.Expect(await tickets.CountAsync(customer.CustomerId, cancellationToken) == 0, "The ticket office has no ticket of theirs left.");
        var certificate = await api.SendUntilTakenAsync(ApiRequest.Get($"/erasures/{caseId}/certificate", Roles.Officer), Server.StartsWithin, cancellationToken);
        promises.Expect(
            certificate.IsSuccess && certificate.Body!["receipts"]!.AsArray().Any(receipt => (string?)receipt!["participant"] == Participant), "Its receipt is on the certificate.", certificate);
    }

    private static string[] Awaiting(ApiAnswer answer) => [.. (answer.Body?["awaiting"] as JsonArray ?? []).Select(participant => (string)participant!)];
}
