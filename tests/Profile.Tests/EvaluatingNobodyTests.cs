using System.Net;
using Personalization.Profile.Domain;
using Personalization.StandIns;
using Personalization.Testing;
using Xunit;

namespace Personalization.Profile.Tests;

/// <summary>A service to which nobody has declared a segment.</summary>
public sealed class EvaluatingNobodyTests(ProfileApp app) : IClassFixture<ProfileApp>
{
    [Fact]
    public async Task While_there_is_no_segment_nobody_is_looked_at_and_the_first_one_finds_them_all_the_same()
    {
        await app.GrantAsync("anna", "marketing-groups", "viewing");
        await app.PublishAsync(app.Event("anna", new { filmId = "f1" }));
        await app.AdvanceAsync(TimeSpan.FromSeconds(1));
        await Eventually.Is("nobody waits", async () => await app.Module("profile").OpenSession().CountAsync<ChangedSubjects>("created"), waiting => waiting == 0, ServiceApp.Soon);

        (await app.DeclareSegmentAsync("viewers", """{"measure":{"event":"film.rated","of":"count"},"is":">=","value":1}""")).Expect(HttpStatusCode.OK);
        await app.EvaluateAsync();

        Assert.Contains(app.EnteredBy("anna"), entered => entered.SegmentId == "viewers");
    }
}
