using System.Globalization;
using System.Text.Json.Nodes;
using Personalization.Platform.Http;

namespace Personalization.Cli;

/// <summary>One customer's way: recommended to, revoked, erased, and back again, with nothing of before.</summary>
internal sealed class DemoWalk(ApiClient api, Narrator narrator, Promises promises, Declarations declarations, TimeSpan shift)
{
    private const string Purpose = "recommendations";
    private static readonly TimeSpan InForceWithin = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ErasedWithin = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LearntWithin = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(250);

    /// <exception cref="BrokenPromiseException">Something is not as promised.</exception>
    public async Task RunAsync(Person customer, Person refusing, CancellationToken cancellationToken)
    {
        await ShowRecommendationsAsync(customer, cancellationToken);
        await ShowRefusalAsync(refusing, cancellationToken);
        var caseId = await RevokeAsync(customer, cancellationToken);
        await FollowErasureAsync(caseId, cancellationToken);
        await ResendAsync(customer, cancellationToken);
        await ReturnAsync(customer, cancellationToken);
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
        var answer = await ShowAsync(Recommendations(customer), cancellationToken);
        var items = answer.Body?["items"] as JsonArray ?? [];
        promises.Expect(IsPersonalized(answer), "The recommendations are personal.");
        promises.Expect(
            items.Count > 0 && items.All(item => item!["reasons"] is JsonArray { Count: > 0 } reasons && reasons.All(reason => (string?)reason!["purpose"] == Purpose && reason["signal"] is not null)),
            "Each says why, and which purpose permits that.");
    }

    private async Task ShowRefusalAsync(Person refusing, CancellationToken cancellationToken)
    {
        narrator.Step($"{refusing.CustomerId} refused", "So there is the list that is the same for everybody; it says so, and nothing about the person is stored.");
        var consents = await ShowAsync(ApiRequest.Get($"/consents/{refusing.CustomerId}", Roles.Product), cancellationToken);
        promises.Expect(consents.IsSuccess && DemoConsents.IsAsImported(refusing, consents.Body!, declarations.Purposes, shift), "The refusal is known.");
        var answer = await ShowAsync(Recommendations(refusing), cancellationToken);
        promises.Expect(answer.IsSuccess && !IsPersonalized(answer), "The recommendations are not personal.");
    }

    private async Task<string> RevokeAsync(Person customer, CancellationToken cancellationToken)
    {
        narrator.Step($"{customer.CustomerId} revokes everything", "The answer comes when every service that serves from personal data has applied it.");
        var revoked = await DecideAsync(new ApiRequest(HttpMethod.Delete, $"/consents/{customer.CustomerId}", Roles.Product), cancellationToken);
        promises.Expect(revoked.Status == 200, "Answered with 200: in force everywhere.", revoked);
        foreach (var applied in revoked.Body!["inForce"]!["appliedBy"]!.AsArray())
            narrator.Line($"     {applied!["service"]} applied it at {applied["at"]}");
        promises.Expect(
            (string?)revoked.Body["inForce"]!["state"] == "yes" && revoked.Body["inForce"]!["waitingFor"] is JsonArray { Count: 0 } && revoked.Body["inForce"]!["appliedBy"] is JsonArray { Count: > 0 },
            "The answer names which service applied it when, and waits for none.");
        var answer = await ShowAsync(Recommendations(customer), cancellationToken);
        promises.Expect(answer.IsSuccess && !IsPersonalized(answer), "The next recommendations are not personal any more.");
        var caseId = (string?)revoked.Body["caseId"];
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
                promises.Expect(isCompleted && answer.Body!["awaiting"] is JsonArray { Count: 0 }, "The case is completed: no receipt is missing.", answer.Body?["awaiting"]?.ToJsonString() ?? answer.ToString());
                promises.Expect(
                    answer.Body!["receipts"]!.AsArray().SelectMany(receipt => receipt!["residual"]!.AsArray()).All(scan => (long)scan!["found"]! == 0),
                    "Each service searched again afterwards and found nothing.");
                return;
            }

            await Task.Delay(PollEvery, TimeProvider.System, cancellationToken);
        }
    }

    private async Task ResendAsync(Person customer, CancellationToken cancellationToken)
    {
        narrator.Step("An old event arrives again", "A queue redelivers, a backup is restored, a partner sends late: what was erased must not come back.");
        var outcome = await PublishAsync(DemoReplay.EventOf(customer, customer.Ratings[0], shift), cancellationToken);
        promises.Expect(outcome.Refused == "no-consent", "The event is refused and counted, with the reason no-consent.", outcome);
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
        var granted = await DecideAsync(grant, cancellationToken);
        promises.Expect(granted.Status == 200, "The grant is in force everywhere.", granted);

        var old = await PublishAsync(DemoReplay.EventOf(customer, customer.Ratings[0], shift), cancellationToken);
        promises.Expect(old.Refused == "before-consent", "The old event is refused still: it is older than the new consent.", old);
        var again = await PublishAsync(DemoReplay.EventOf(customer, customer.Ratings[0], shift, NewId()), cancellationToken);
        promises.Expect(again.Refused == "before-consent", "Under a new id it is refused too.", again);
        var today = customer.Ratings[0] with { Time = TimeProvider.System.GetUtcNow() - shift };
        var now = await PublishAsync(DemoReplay.EventOf(customer, today, shift, NewId()), cancellationToken);
        promises.Expect(now == Outcome.Accepted, "A film rated today is accepted.", now);

        static string NewId() => $"demo-{Guid.NewGuid():N}";
    }

    /// <summary>Repeats a decision that is recorded but not in force everywhere yet; the same request is answered with 200 once it is.</summary>
    private async Task<ApiAnswer> DecideAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        var answer = await ShowAsync(request, cancellationToken);
        while (answer.Status == 202 && TimeProvider.System.GetElapsedTime(started) < InForceWithin)
        {
            narrator.Line("     It is recorded, but a service is busy and has not applied it yet. Asked again:");
            answer = await ShowAsync(request, cancellationToken);
        }

        return answer;
    }

    private async Task<Outcome> PublishAsync(JsonObject customerEvent, CancellationToken cancellationToken)
    {
        var answer = await ShowAsync(DemoReplay.Batch([customerEvent]), cancellationToken);
        return answer.IsSuccess ? DemoReplay.OutcomesOf(answer.Body!, 1)[0] : throw new CommandException($"POST /events answered {answer}");
    }

    private async Task<ApiAnswer> ShowAsync(ApiRequest request, CancellationToken cancellationToken) =>
        narrator.Show(await api.SendUntilTakenAsync(narrator.Show(request), Server.StartsWithin, cancellationToken));

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
