using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Personalization.Platform.Http;
using Xunit;

namespace Personalization.Portal.Tests;

[Collection(Browsing.Collection)]
public sealed class RulesTests(Browsing browsing)
{
    [Fact]
    public async Task Rules_replace_the_version_that_was_shown_and_no_other()
    {
        var before = await browsing.Server.GetAsync("/retention-rules");
        var version = (long)before["version"]!;
        Assert.Equal((HttpStatusCode.Conflict, "urn:personalization:problem:rules-changed"), await ReplaceAsync(version - 1));
        Assert.Equal(before.ToJsonString(), (await browsing.Server.GetAsync("/retention-rules")).ToJsonString());
        Assert.Equal((HttpStatusCode.OK, null), await ReplaceAsync(version));
        Assert.Equal((HttpStatusCode.OK, null), await ReplaceAsync(null));

        async Task<(HttpStatusCode Status, string? Problem)> ReplaceAsync(long? shown)
        {
            using var officer = browsing.Server.As(Roles.Officer);
            using var answer = await officer.PutAsJsonAsync(new Uri("/retention-rules", UriKind.Relative), new { rules = before["rules"], reason = "A test.", version = shown });
            return (answer.StatusCode, (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["type"]);
        }
    }
}
