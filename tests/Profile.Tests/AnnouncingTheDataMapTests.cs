using System.Net;
using Personalization.Contracts.Audit;
using Personalization.Platform.Privacy;
using Personalization.StandIns;
using Personalization.Testing;
using Xunit;

namespace Personalization.Profile.Tests;

public sealed class AnnouncingTheDataMapTests(ProfileApp app) : IClassFixture<ProfileApp>
{
    [Fact]
    public async Task What_is_declared_is_announced_within_a_minute_and_else_once_a_day()
    {
        await app.GrantAsync("anna", "recommendations", "viewing");
        await app.PublishAsync(app.Event("anna", new { filmId = "f1" }));
        (await app.DeclareAsync("film.reviewed", new
        {
            description = "A customer reviewed a film.",
            fields = new Dictionary<string, object>
            {
                ["belief"] = new { type = "string", category = "opinion", purposes = new[] { "recommendations" }, classification = "sensitive", description = "What it says of faith." },
            },
        })).Expect(HttpStatusCode.OK);

        await app.AdvanceAsync(TimeSpan.FromMinutes(1));
        var announced = await Eventually.Is("the new type is announced", () => Task.FromResult(Announced()), maps => DataOf(maps, "film.reviewed/belief") is not null, ServiceApp.Soon);

        var belief = DataOf(announced, "film.reviewed/belief")!;
        Assert.Equal(
            ("opinion", DataClassification.Sensitive, "recommendations", "What it says of faith."),
            (belief.Category, belief.Classification, Assert.Single(belief.Purposes), belief.Description));
        var held = ProfileData(announced[^1]);
        Assert.Equal(("sealed", 1L, new DateOnly(2027, 3, 1)), (held.Encryption, held.Documents, held.ExpiresNextOn!.Value));
        Assert.Equal(["GET /profiles/{customerId}: officer, operator, subject", "SignalRecorded: audit, recommendation"], held.Contents.ReadBy!);
        Assert.Equal("ru", announced[^1].Region);

        // Its signals wait sealed; what Consent says of people is signed and in clear.
        Assert.Equal("sealed", EncryptionOfOutbox(announced[^1]));
        Assert.Equal("clear", EncryptionOfOutbox(app.Around.Heard<DataMapAnnounced>().Last(map => map.Participant == "consent")));

        // Nothing new: the minutes pass in silence, the next day doesn't, and says the same.
        await app.AdvanceAsync(TimeSpan.FromMinutes(5));
        await app.AdvanceAsync(TimeSpan.FromDays(1));
        var later = await Eventually.Is("the next day's is announced", () => Task.FromResult(Announced()), maps => maps.Count > announced.Count, ServiceApp.Soon);
        Assert.Equal(announced.Count + 1, later.Count);
        Assert.Equal(app.Now.Date, later[^1].AnnouncedAt.Date);
        Assert.Equivalent(announced[^1].Unchanging(), later[^1].Unchanging(), strict: true);
    }

    private static HeldData? DataOf(IReadOnlyList<DataMapAnnounced> maps, string name) => maps.Count == 0 ? null : ProfileData(maps[^1]).Contents.Data.FirstOrDefault(data => data.Name == name);

    private static string EncryptionOfOutbox(DataMapAnnounced map) => map.Collections.Single(entry => entry.Name == "outbox_entries").Encryption;

    private static DataMapEntry ProfileData(DataMapAnnounced map) => map.Collections.Single(entry => entry.Name == "profile_data");

    private IReadOnlyList<DataMapAnnounced> Announced() => [.. app.Around.Heard<DataMapAnnounced>().Where(map => map.Participant == "profile")];
}
