using System.Globalization;
using System.Text.Json.Nodes;
using Personalization.Platform.Http;

namespace Personalization.Cli;

/// <summary>What others than the recommender may do with one customer's data, before and after a revocation: staff who read, marketing, product services.</summary>
internal sealed class DemoUses(ApiClient api, Narrator narrator, Promises promises)
{
    private const string Recommendations = "recommendations", Marketing = "marketing-groups", Segment = "frequent-viewers";
    private static readonly TimeSpan EvaluatedWithin = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan OnRecordWithin = TimeSpan.FromMinutes(3);

    // Listed as soon as everything before it in the consent stream is there too: with the next pull, each second.
    private static readonly TimeSpan ListedWithin = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(250);
    private static readonly ApiRequest Audience = ApiRequest.Get($"/audiences/{Segment}?purpose={Marketing}&channel=email", Roles.Product);
    private long auditedBefore, consentNumber;

    /// <summary>While the customer permits everything.</summary>
    /// <exception cref="BrokenPromiseException">Something is not as promised.</exception>
    public async Task ShowAsync(Person customer, CancellationToken cancellationToken)
    {
        auditedBefore = (long?)(await api.SendUntilTakenAsync(ApiRequest.Get("/audit/checkpoint", Roles.Auditor), Server.StartsWithin, cancellationToken)).Body?["size"] ?? 0;

        narrator.Step("An officer reads, for a purpose", "Staff read what a rule gives their role for a purpose that the person consents to. Each read is on record, refused ones too.");
        var aimless = await ShowAsync(ApiRequest.Get($"/profiles/{customer.CustomerId}", Roles.Officer), cancellationToken);
        promises.Expect(aimless is { Status: 400, Problem: "purpose-required" }, "Without a purpose of use nothing is shown.", aimless);
        var profile = await ShowAsync(ReadProfile(customer), cancellationToken);
        promises.Expect(
            profile.IsSuccess && profile.Body!["items"]!.AsArray() is { Count: > 0 } items && items.All(item => item!["eventId"] is not null && item["expiresAt"] is not null),
            "For a purpose that the person consents to each datum is shown, with the event it came from and until when it is kept.", profile);

        narrator.Step("A mailing service learns an address", "Contact data come by HTTP only, lie in the vault under the person's key, and are read for a purpose too.");
        var given = await ShowAsync(
            ApiRequest.Put($"/profiles/{customer.CustomerId}/contacts", Roles.Product, new JsonObject { ["email"] = $"{customer.CustomerId}@example.org" }), cancellationToken);
        promises.Expect(given.IsSuccess && given.Body!["stored"]!.AsArray().Count == 1, "The address is kept for the purposes that the person consents to, and no longer than a rule says.", given);
        var contacts = await ShowAsync(ReadContacts(customer), cancellationToken);
        promises.Expect(contacts.IsSuccess && contacts.Body!["items"]!.AsArray().Count == 1, "The mailing service reads it for marketing.", contacts);

        narrator.Step("Marketing sees a group, a product service its people", "The cinema declared who belongs to the segment; who does is found as events come.");
        var segment = await UntilAsync(
            ApiRequest.Get($"/segments/{Segment}", Roles.Marketer), answer => (bool?)answer.Body?["isComplete"] == true && (long?)answer.Body["people"]!["count"] > 0, EvaluatedWithin, cancellationToken);
        narrator.Show(segment);
        promises.Expect(segment.IsSuccess && (long?)segment.Body!["people"]!["count"] > 0, "A marketer sees how many they are, rounded, and of few nothing.", segment);
        var nobody = await ShowAsync(Audience with { Role = Roles.Marketer }, cancellationToken);
        promises.Expect(nobody.Status == 403, "Who they are is not for a marketer.", nobody);
        var audience = await ReadAudienceAsync(cancellationToken);
        promises.Expect(audience.Contains(customer.CustomerId), $"{customer.CustomerId} is among the people a product service gets.");
    }

    /// <summary>Once the revocation of everything was answered.</summary>
    /// <exception cref="BrokenPromiseException">Something is not as promised.</exception>
    public async Task ShowNoneAsync(Person customer, CancellationToken cancellationToken)
    {
        narrator.Step("Nobody uses the data any more", "Not staff, not the mailing service, not an audience; and lists that product services hold shrink.");
        var profile = await ShowAsync(ReadProfile(customer), cancellationToken);
        promises.Expect(profile is { Status: 403, Problem: "no-consent-for-purpose" }, "The officer reads nothing.", profile);
        var contacts = await ShowAsync(ReadContacts(customer), cancellationToken);
        promises.Expect(contacts is { Status: 403, Problem: "no-consent-for-purpose" }, "The mailing service doesn't get the address.", contacts);
        var had = consentNumber;
        var audience = await ReadAudienceAsync(cancellationToken);
        promises.Expect(!audience.Contains(customer.CustomerId), $"{customer.CustomerId} is in no audience made after the answer.");
        bool Names(ApiAnswer answer) => answer.Body?["items"] is JsonArray items && items.Any(item => (string?)item!["customerId"] == customer.CustomerId);
        var withdrawals = narrator.Show(await UntilAsync(
            ApiRequest.Get($"/withdrawals?after={had.ToString(CultureInfo.InvariantCulture)}", Roles.Product), Names, ListedWithin, cancellationToken));
        promises.Expect(Names(withdrawals), "Whoever holds the earlier audience learns whom to strike off.", withdrawals);
        await FindReadsAsync(cancellationToken);
    }

    private async Task FindReadsAsync(CancellationToken cancellationToken)
    {
        narrator.Line("     What an auditor finds of the officer's reads, in a log that names neither the person nor the reader:");
        string[] expected = ["refused purpose-required", "shown", "refused no-consent"];
        var reads = new List<string>();
        var started = TimeProvider.System.GetTimestamp();
        var next = auditedBefore;
        while (!expected.SequenceEqual(reads) && TimeProvider.System.GetElapsedTime(started) < OnRecordWithin)
        {
            var answer = await api.SendUntilTakenAsync(ApiRequest.Get($"/audit/entries?after={next.ToString(CultureInfo.InvariantCulture)}&limit=1000", Roles.Auditor), Server.StartsWithin, cancellationToken);
            var entries = answer.IsSuccess ? answer.Body!["items"]!.AsArray() : throw new CommandException($"GET /audit/entries answered {answer}");
            foreach (var read in entries.Select(entry => entry!["read"]).OfType<JsonNode>().Where(read => (string?)read["role"] == Roles.Officer))
            {
                narrator.Line($"     {JsonText.Line(read, 110)}");
                reads.Add($"{read["outcome"]} {read["reason"]}".Trim());
            }

            if (entries.Count > 0) next = (long)entries[^1]!["number"]!;
            else await Task.Delay(PollEvery, TimeProvider.System, cancellationToken);
        }

        promises.Expect(expected.SequenceEqual(reads), "All three are on record, the two that were refused with the reason.", string.Join(", ", reads));
    }

    private async Task<IReadOnlySet<string>> ReadAudienceAsync(CancellationToken cancellationToken)
    {
        var answer = await api.SendUntilTakenAsync(narrator.Show(Audience), Server.StartsWithin, cancellationToken);
        if (!answer.IsSuccess) throw new CommandException($"GET /audiences/{Segment} answered {answer}");
        JsonNode[] lines = [.. ((string)answer.Body!)!.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];
        narrator.Show(answer, $"{Narrator.Number(lines.Length - 2)} customer ids; {JsonText.Line(lines[^1], 100)}");
        consentNumber = (long)lines[0]["consentNumber"]!;
        return lines[1..^1].Select(line => (string)line["customerId"]!).ToHashSet();
    }

    private async Task<ApiAnswer> UntilAsync(ApiRequest request, Func<ApiAnswer, bool> isReached, TimeSpan within, CancellationToken cancellationToken)
    {
        narrator.Show(request);
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var answer = await api.SendUntilTakenAsync(request, Server.StartsWithin, cancellationToken);
            if (!answer.IsSuccess || isReached(answer) || TimeProvider.System.GetElapsedTime(started) > within) return answer;
            await Task.Delay(PollEvery, TimeProvider.System, cancellationToken);
        }
    }

    private Task<ApiAnswer> ShowAsync(ApiRequest request, CancellationToken cancellationToken) => narrator.ShowAsync(request, api, cancellationToken);

    private static ApiRequest ReadProfile(Person person) => ApiRequest.Get($"/profiles/{person.CustomerId}?purpose={Recommendations}", Roles.Officer);

    private static ApiRequest ReadContacts(Person person) => ApiRequest.Get($"/profiles/{person.CustomerId}/contacts?purpose={Marketing}", Roles.Product);
}
