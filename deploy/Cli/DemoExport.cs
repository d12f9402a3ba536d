using System.Text.Json.Nodes;
using ICSharpCode.SharpZipLib.Zip;
using Personalization.Platform.Http;

namespace Personalization.Cli;

/// <summary>A customer asks what is held of them, and reads it.</summary>
internal sealed class DemoExport(ApiClient api, Narrator narrator, Promises promises)
{
    private static readonly TimeSpan ReadyWithin = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(250);

    /// <exception cref="BrokenPromiseException">Something is not as promised.</exception>
    public async Task ShowAsync(Person customer, CancellationToken cancellationToken)
    {
        narrator.Step($"{customer.CustomerId} asks what is held of them", "Every service gives its part, sealed for this export; what comes out is an encrypted ZIP that can be fetched once.");
        var asked = await narrator.ShowAsync(
            new ApiRequest(HttpMethod.Post, "/exports", Roles.Product) { Body = new JsonObject { ["customerId"] = customer.CustomerId, ["language"] = "ru" } }, api, cancellationToken);
        promises.Expect(asked is { Status: 202, Body: { } } && asked.Body["password"] is not null, "The password of the archive is in this answer and nowhere else.", asked);

        var request = narrator.Show(ApiRequest.Get($"/exports/{asked.Body!["exportId"]}", Roles.Product));
        var started = TimeProvider.System.GetTimestamp();
        ApiAnswer answer;
        do
        {
            await Task.Delay(PollEvery, TimeProvider.System, cancellationToken);
            answer = await api.SendAsync(request, cancellationToken);
        }
        while ((string?)answer.Body?["state"] == "collecting" && TimeProvider.System.GetElapsedTime(started) < ReadyWithin);

        narrator.Show(answer);
        promises.Expect(
            (string?)answer.Body?["state"] == "ready" && answer.Body["missing"]!.AsArray().All(part => (string)part!["reason"]! == "takesNoPart"),
            "Every service has answered; a product service with data of its own is named.", answer);
        var fetch = narrator.Show(ApiRequest.Get((string)answer.Body!["link"]!, Roles.Product));
        var export = Open(await api.ReadAsync(fetch, cancellationToken), (string)asked.Body["password"]!);
        foreach (var part in export["parts"]!.AsArray())
        {
            var held = part!["data"]!.AsArray().CountBy(datum => (string)datum!["name"]!).Select(count => $"{count.Value} {count.Key}").ToArray();
            narrator.Line($"     {part["participant"]}: {(held.Length > 0 ? string.Join(", ", held) : "nothing")}");
        }

        promises.Expect(
            export["parts"]!.AsArray().SelectMany(part => part!["data"]!.AsArray()).Any(datum => (string)datum!["name"]! == "film.rated/filmId" && datum["value"] is not null && datum["until"] is not null),
            "In it is what the customer did, and until when it is kept.");
        var again = await narrator.ShowAsync(fetch, api, cancellationToken);
        promises.Expect(again is { Status: 410, Problem: "export-ended" }, "A second time there is nothing: whatever was collected is gone.", again);
    }

    private static JsonNode Open(byte[] archive, string password)
    {
        using var zip = new ZipFile(new MemoryStream(archive)) { Password = password };
        using var export = zip.GetInputStream(zip.GetEntry("export.json"));
        return JsonNode.Parse(export)!;
    }
}
