using System.Globalization;
using System.Text.Json.Nodes;
using Personalization.Platform.Http;

namespace Personalization.Cli;

/// <summary>One customer's way: recommended to, revoked, erased, and back again, with nothing of before.</summary>
internal sealed class DemoWalk(ApiClient api, TicketOffice? tickets, Narrator narrator, Promises promises, Declarations declarations, TimeSpan shift)
{
    private const string Purpose = "recommendations";
    // No promise, but how long a reader waits: on a busy machine everything takes its time.
    private static readonly TimeSpan InForceWithin = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan ErasedWithin = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan PersonalWithin = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LearntWithin = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(250);

    /// <exception cref="BrokenPromiseException">Something is not as promised.</exception>
    public async Task RunAsync(Person customer, Person refusing, CancellationToken cancellationToken)
    {
        await ShowRecommendationsAsync(customer, cancellationToken);
        await ShowRefusalAsync(refusing, cancellationToken);
        var uses = new DemoUses(api, narrator, promises);
        await uses.ShowAsync(customer, cancellationToken);
        await new DemoExport(api, narrator, promises).ShowAsync(customer, cancellationToken);
        var product = tickets is null ? null : new DemoProduct(api, tickets, narrator, promises);
        if (product is not null) await product.SellAsync(customer, cancellationToken);
        var caseId = await RevokeAsync(customer, cancellationToken);
        await uses.ShowNoneAsync(customer, cancellationToken);
        if (product is not null) await product.ShowAwaitedAsync(caseId, cancellationToken);
        await FollowErasureAsync(caseId, cancellationToken);
        if (product is not null) await product.ShowErasedAsync(customer, caseId, cancellationToken);
        await ResendAsync(customer, cancellationToken);
        await ReturnAsync(customer, cancellationToken);
        await ShowDataMapAsync(cancellationToken);
    }

    /// <summary>Waits until the model is at rest: what was published just now is in it.</summary>
    public async Task LearnAsync(Person customer, CancellationToken cancellationToken)
    {
        narrator.Step("The recommender learns", "Signals travel from Profile to Recommendation as messages; wait until the model no longer changes.");
        var started = TimeProvider.System.GetTimestamp();
        var request = narrator.Show(ApiRequest.Get("/recommendations/model", Roles.Operator));
        var (version, since) = ("", started);
        ApiAnswer answer;
        do
        {
            await Task.Delay(PollEvery, TimeProvider.System, cancellationToken);
            answer = await api.SendAsync(request, cancellationToken);
            var current = (string?)answer.Body?["version"] ?? "";
            if (current != version) (version, since) = (current, TimeProvider.System.GetTimestamp());
        }
        while (!(await IsLearntAsync() && TimeProvider.System.GetElapsedTime(since) > TimeSpan.FromSeconds(5)) && TimeProvider.System.GetElapsedTime(started) < LearntWithin);

        narrator.Show(answer);
        promises.Expect(await IsLearntAsync(), "What consenting people rated can be recommended from.");

        async Task<bool> IsLearntAsync() => answer is { IsSuccess: true, Body: { } model } && (int?)model["items"] > 0
            && IsPersonalized(await api.SendAsync(Recommendations(customer), cancellationToken));
    }

    private async Task ShowRecommendationsAsync(Person customer, CancellationToken cancellationToken)
    {
        narrator.Step($"{customer.CustomerId} consented to everything", "So there are personal recommendations, each with the person's own signals that speak for it.");
        var answer = await UntilPersonalAsync(await ShowAsync(Recommendations(customer), cancellationToken), customer, cancellationToken);
        var items = answer.Body?["items"] as JsonArray ?? [];
        promises.Expect(IsPersonalized(answer), "The recommendations are personal.", answer);
        promises.Expect(
            items.Count > 0 && items.All(item => item!["reasons"] is JsonArray { Count: > 0 } reasons && reasons.All(reason => (string?)reason!["purpose"] == Purpose && reason["signal"] is not null)),
            "Each says why, and which purpose permits that.");
        await SetAsideAsync(customer, (string)items[0]!["reasons"]![0]!["signal"]!, cancellationToken);
    }

    private async Task SetAsideAsync(Person customer, string signal, CancellationToken cancellationToken)
    {
        narrator.Line("     A person may say of each reason that it is not to be used:");
        var said = await ShowAsync(
            new ApiRequest(HttpMethod.Post, $"/recommendations/{customer.CustomerId}/feedback", Roles.Product) { Body = new JsonObject { ["feedback"] = "dontUse", ["signal"] = signal } }, cancellationToken);
        var next = await api.SendUntilTakenAsync(Recommendations(customer), Server.StartsWithin, cancellationToken);
        promises.Expect(said.Status == 204 && next.IsSuccess && !Signals(next).Contains(signal), "The very next recommendations don't use it.", next);
        var personal = await UntilPersonalAsync(next, customer, cancellationToken);
        promises.Expect(
            IsPersonalized(personal) && !Signals(personal).Contains(signal),
            "They are personal still, from what else the person did.", personal);
    }

    private static IEnumerable<string?> Signals(ApiAnswer answer) =>
        (answer.Body?["items"] as JsonArray ?? []).SelectMany(item => item!["reasons"]!.AsArray()).Select(reason => (string?)reason!["signal"]);

    private async Task ShowRefusalAsync(Person refusing, CancellationToken cancellationToken)
    {
        narrator.Step($"{refusing.CustomerId} refused", "So there is the list that is the same for everybody; it says so, and nothing about the person is stored.");
        var consents = await ShowAsync(ApiRequest.Get($"/consents/{refusing.CustomerId}", Roles.Product), cancellationToken);
        promises.Expect(consents.IsSuccess && DemoConsents.IsAsImported(refusing, consents.Body!, declarations.Purposes, shift), "The refusal is known.");
        narrator.Line($"     Why there will be no personal list: the purpose {Purpose} is denied, so Profile stored nothing and Recommendation has nothing to start from.");
        var answer = await ShowAsync(Recommendations(refusing), cancellationToken);
        promises.Expect(answer.IsSuccess && !IsPersonalized(answer), "The recommendations are not personal.", answer);
        promises.Expect(
            answer.Body!["items"]!.AsArray().SelectMany(item => item!["reasons"]!.AsArray()).All(reason => reason!["text"] is not null && reason["signal"] is null && reason["purpose"] is null),
            "The list says why it is what it is, and names no signal of anybody.");
    }

    private async Task<string> RevokeAsync(Person customer, CancellationToken cancellationToken)
    {
        narrator.Step($"{customer.CustomerId} revokes everything", "The answer comes when every service that serves from personal data has applied it.");
        var revoked = await DecideAsync(new ApiRequest(HttpMethod.Delete, $"/consents/{customer.CustomerId}", Roles.Product), customer, cancellationToken);
        var answer = await ShowAsync(Recommendations(customer), cancellationToken);
        promises.Expect(answer.IsSuccess && !IsPersonalized(answer), "The next recommendations are not personal any more.", answer);
        var caseId = (string?)revoked["caseId"];
        promises.Expect(caseId is not null, "The revocation opened an erasure case.");
        return caseId!;
    }

    private async Task FollowErasureAsync(string caseId, CancellationToken cancellationToken)
    {
        narrator.Step("The erasure case", "Every service that holds personal data erases and answers with a signed receipt; the last one closes the case.");
        var request = narrator.Show(ApiRequest.Get($"/erasures/{caseId}", Roles.Officer));
        var started = TimeProvider.System.GetTimestamp();
        var shown = new HashSet<string>();
        while (true)
        {
            // The case opens with the message that the revocation published, so it may not be there yet.
            var answer = await api.SendAsync(request, cancellationToken);
            foreach (var receipt in answer.IsSuccess ? answer.Body!["receipts"]!.AsArray() : [])
            {
                if (shown.Add((string)receipt!["participant"]!)) narrator.Line($"     {Describe(receipt)}");
            }

            var isCompleted = answer.IsSuccess && (string?)answer.Body!["state"] == "completed";
            if (isCompleted || TimeProvider.System.GetElapsedTime(started) > ErasedWithin)
            {
                narrator.Show(answer, $"state {answer.Body?["state"]}, awaiting {answer.Body?["awaiting"]?.ToJsonString()}");
                promises.Expect(isCompleted && answer.Body!["awaiting"] is JsonArray { Count: 0 }, "The case is completed: no receipt is missing.", answer.Body?["awaiting"]?.ToJsonString() ?? answer.ToString());
                promises.Expect(
                    answer.Body!["receipts"]!.AsArray().SelectMany(receipt => receipt!["residual"]!.AsArray()).All(scan => (long)scan!["found"]! == 0),
                    "Each service searched again afterwards and found nothing.");
                await ShowCertificateAsync(caseId, cancellationToken);
                return;
            }

            await Task.Delay(PollEvery, TimeProvider.System, cancellationToken);
        }
    }

    private async Task ShowCertificateAsync(string caseId, CancellationToken cancellationToken)
    {
        narrator.Line("     The certificate: ./dev verify-certificate checks it without a server, and Accept: application/pdf prints it as the act that order 179 asks for.");
        var certificate = await ShowAsync(ApiRequest.Get($"/erasures/{caseId}/certificate", Roles.Officer), cancellationToken);
        promises.Expect(
            certificate.IsSuccess && certificate.Body!["merkleRoot"] is not null && certificate.Body["receipts"]!.AsArray().All(receipt => receipt!["signature"] is not null),
            "It holds every signed receipt and is signed itself.", certificate);
    }

    private async Task ResendAsync(Person customer, CancellationToken cancellationToken)
    {
        narrator.Step("An old event arrives again", "A queue redelivers, a backup is restored, a partner sends late: what was erased must not come back.");
        var outcome = await PublishAsync(DemoReplay.EventOf(customer, customer.Ratings[0], shift), cancellationToken);
        promises.Expect(outcome.Refused == "no-consent", "The event is refused, with the reason no-consent, and counted as such: in this answer and in the metric personalization.events.", outcome);
    }

    private async Task ReturnAsync(Person customer, CancellationToken cancellationToken)
    {
        narrator.Step($"{customer.CustomerId} comes back", "The grant names what it was decided on, the ETag, so that one that was under way before a revocation can't undo it.");
        var consents = await ShowAsync(ApiRequest.Get($"/consents/{customer.CustomerId}", Roles.Product), cancellationToken);
        promises.Expect(consents is { IsSuccess: true, ETag: not null }, "The consents come with an ETag.", consents);
        var purposes = await api.SendUntilTakenAsync(narrator.Show(ApiRequest.Get("/purposes", Roles.Product)), Server.StartsWithin, cancellationToken);
        var purpose = purposes.Body?["items"]?.AsArray().FirstOrDefault(item => (string?)item!["id"] == Purpose) ?? throw new CommandException($"GET /purposes answered {purposes}");
        narrator.Show(purposes, $"the person is shown version {purpose["noticeVersion"]} of the notice");
        var grant = ApiRequest.Put($"/consents/{customer.CustomerId}/{Purpose}", Roles.Product, new JsonObject
        {
            ["decision"] = "granted",
            ["noticeVersion"] = (int)purpose["noticeVersion"]!,
            ["language"] = "ru",
            ["categories"] = purpose["categories"]!.DeepClone(),
            ["channel"] = "web",
        }) with
        { IfMatch = consents.ETag };
        await DecideAsync(grant, customer, cancellationToken);

        var old = await PublishAsync(DemoReplay.EventOf(customer, customer.Ratings[0], shift), cancellationToken);
        promises.Expect(old.Refused == "before-consent", "The old event is refused still: it is older than the new consent.", old);
        var again = await PublishAsync(DemoReplay.EventOf(customer, customer.Ratings[0], shift, NewId()), cancellationToken);
        promises.Expect(again.Refused == "before-consent", "Under a new id it is refused too.", again);
        var today = customer.Ratings[0] with { Time = TimeProvider.System.GetUtcNow() - shift };
        var now = await PublishAsync(DemoReplay.EventOf(customer, today, shift, NewId()), cancellationToken);
        promises.Expect(now == Outcome.Accepted, "A film rated today is accepted.", now);

        static string NewId() => $"demo-{Guid.NewGuid():N}";
    }

    private async Task ShowDataMapAsync(CancellationToken cancellationToken)
    {
        narrator.Step("The data map", "Which personal data is where, why, for how long and who reads it, as the running services announce it. Accept: text/html prints it, ?language=ru or en.");
        var request = narrator.Show(ApiRequest.Get("/audit/data-map", Roles.Officer));
        var answer = await api.SendAsync(request, cancellationToken);
        var services = answer.IsSuccess ? answer.Body!["services"]!.AsArray() : [];
        JsonNode[] collections = [.. services.SelectMany(service => service!["collections"]!.AsArray()).OfType<JsonNode>()];
        narrator.Show(answer, $"{services.Count} services, {collections.Length} collections, {collections.Count(held => held["contents"]!["data"]!.AsArray().Count > 0)} of them with personal data");
        promises.Expect(
            services.Count >= 5 && answer.Body!["awaiting"] is JsonArray { Count: 0 }, "Every service that holds data is in it, and nobody wrote it by hand.", answer);
    }

    /// <summary>Sends a decision. One that is not in force everywhere yet is recorded all the same: 202 says so, and the status can be read until it is.</summary>
    /// <returns>The answer's body.</returns>
    private async Task<JsonObject> DecideAsync(ApiRequest request, Person person, CancellationToken cancellationToken)
    {
        var answer = await ShowAsync(request, cancellationToken);
        promises.Expect(
            answer.Status is 200 or 202 && answer.Body is JsonObject,
            answer.Status == 202 ? "Answered with 202: recorded, and in force as soon as a busy service has applied it." : "Answered with 200: in force everywhere.", answer);
        var inForce = answer.Body!["inForce"]!;
        if (answer.Status == 202)
        {
            narrator.Line($"     Still missing: {string.Join(", ", inForce["waitingFor"]!.AsArray().Select(service => (string?)service))}. The status can be read:");
            inForce = await UntilInForceAsync(person, cancellationToken);
        }

        foreach (var applied in inForce["appliedBy"]!.AsArray()) narrator.Line($"     {applied!["service"]} applied it at {applied["at"]}");
        promises.Expect(
            (string?)inForce["state"] == "yes" && inForce["waitingFor"] is JsonArray { Count: 0 } && inForce["appliedBy"] is JsonArray { Count: > 0 },
            "It is said which service applied it when, and none is missing.", inForce.ToJsonString());
        return answer.Body.AsObject();
    }

    private async Task<JsonNode> UntilInForceAsync(Person person, CancellationToken cancellationToken)
    {
        var request = narrator.Show(ApiRequest.Get($"/consents/{person.CustomerId}", Roles.Product));
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var answer = await api.SendUntilTakenAsync(request, Server.StartsWithin, cancellationToken);
            if (answer is not { IsSuccess: true, Body: { } consents }) throw new CommandException($"GET /consents/{{customerId}} answered {answer}");
            if ((string?)consents["inForce"]!["state"] != "yes" && TimeProvider.System.GetElapsedTime(started) < InForceWithin)
            {
                await Task.Delay(PollEvery, TimeProvider.System, cancellationToken);
                continue;
            }

            narrator.Show(answer, $"inForce: {JsonText.Line(consents["inForce"]!, 100)}");
            return consents["inForce"]!;
        }
    }

    /// <summary>An instance that isn't sure of consents, on a machine that is too busy to ask for them each second, personalizes nothing until it is.</summary>
    private async Task<ApiAnswer> UntilPersonalAsync(ApiAnswer answer, Person customer, CancellationToken cancellationToken)
    {
        if (!answer.IsSuccess || IsPersonalized(answer)) return answer;
        narrator.Line("     Not personal at this moment: a service that isn't sure of consents uses nobody's data until it is. Asked again:");
        var request = narrator.Show(Recommendations(customer));
        var started = TimeProvider.System.GetTimestamp();
        do
        {
            await Task.Delay(PollEvery, TimeProvider.System, cancellationToken);
            answer = await api.SendUntilTakenAsync(request, Server.StartsWithin, cancellationToken);
        }
        while (answer.IsSuccess && !IsPersonalized(answer) && TimeProvider.System.GetElapsedTime(started) < PersonalWithin);
        return narrator.Show(answer);
    }

    private async Task<Outcome> PublishAsync(JsonObject customerEvent, CancellationToken cancellationToken)
    {
        var answer = await ShowAsync(DemoReplay.Batch([customerEvent]), cancellationToken);
        return answer.IsSuccess ? DemoReplay.OutcomesOf(answer.Body!, 1)[0] : throw new CommandException($"POST /events answered {answer}");
    }

    private Task<ApiAnswer> ShowAsync(ApiRequest request, CancellationToken cancellationToken) => narrator.ShowAsync(request, api, cancellationToken);

    private static ApiRequest Recommendations(Person person) => ApiRequest.Get($"/recommendations/{person.CustomerId}?limit=3", Roles.Product);

    private static bool IsPersonalized(ApiAnswer answer) => answer.IsSuccess && (bool?)answer.Body!["personalized"] == true;

    /// <summary>A receipt in one line.</summary>
    private static string Describe(JsonNode receipt)
    {
        var erased = receipt["erased"]!.AsArray().Select(entry => string.Create(CultureInfo.InvariantCulture, $"{(long)entry!["count"]!:N0} {entry["category"]} in {entry["store"]} {entry["method"]}"));
        var retained = receipt["retained"]!.AsArray().Select(entry => string.Create(CultureInfo.InvariantCulture, $"{(long)entry!["count"]!:N0} {entry["category"]} in {entry["store"]} kept: {entry["reason"]}"));
        var all = erased.Concat(retained).DefaultIfEmpty("held nothing");
        return $"{receipt["participant"]}: {string.Join("; ", all)}";
    }
}
