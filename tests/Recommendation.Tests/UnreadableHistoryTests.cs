using System.Text;
using Personalization.Platform;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.StandIns;
using Personalization.Testing;

namespace Personalization.Recommendation.Tests;

public sealed class UnreadableHistoryTests(RecommendationApp app) : IClassFixture<RecommendationApp>
{
    public enum Damage
    {
        LastByte,
        Form,
        Content,
    }

    [Theory]
    [InlineData(Damage.LastByte)]
    [InlineData(Damage.Form)]
    [InlineData(Damage.Content)]
    public async Task One_that_is_not_what_was_written_is_missed_and_told_of_and_keeps_nobody_else_out(Damage damage)
    {
        var (damaged, other) = ($"damaged-{damage}", $"other-{damage}");
        await app.SettleAsync(damaged);
        await app.SettleAsync(other);
        Assert.Equal(0, await UnreadableAsync());

        await DamageAsync(damaged, damage);
        await app.PublishAsync("profile", app.Signal(damaged, "f3"), app.Signal(other, "f3"), app.Signal(damaged, "f4"));

        await Eventually.Is("the other's signal is stored", async () => (await app.HistoryAsync(other))!.Entries.Count == 3, ServiceApp.Soon);
        await app.FollowUntilAsync("the model follows the other", () => Task.FromResult(app.LikingsOf(other).Count == 3));
        Assert.Equal(1, await UnreadableAsync());
        Assert.Empty(app.LikingsOf(damaged));
        Assert.Equal(await app.RecommendTextAsync("nobody-ever"), await app.RecommendTextAsync(damaged));
        Assert.True(RecommendationApp.IsPersonalized(await app.RecommendAsync(other)));

        await app.RestartAsync();
        Assert.Equal(1, await UnreadableAsync());
        Assert.True(RecommendationApp.IsPersonalized(await app.RecommendAsync(other)));

        var receipt = await app.EraseAsync(await app.RevokeAsync(damaged));
        Assert.All(receipt.Residual, place => Assert.Equal(0, place.Found));
        Assert.Null(await app.RowAsync(damaged));
        Assert.Equal(0, await UnreadableAsync());
    }

    [Fact]
    public async Task One_goes_with_a_narrowed_erasure_too_because_nothing_in_it_can_be_told_apart()
    {
        await app.SettleAsync("narrowed");
        await DamageAsync("narrowed", Damage.LastByte);

        var receipt = await app.EraseAsync(await app.RevokeAsync("narrowed", "recommendations", "opinion"));

        Assert.All(receipt.Residual, place => Assert.Equal(0, place.Found));
        Assert.Null(await app.RowAsync("narrowed"));
    }

    [Fact]
    public async Task One_is_swept_with_what_expired_and_holds_up_no_other()
    {
        foreach (var customer in new[] { "first", "second" })
        {
            await app.GrantAsync(customer, "recommendations", "viewing");
            await app.LearnAsync(app.Signal(customer, "f1") with { ExpiresAt = app.Now.AddHours(1) });
        }

        await DamageAsync("first", Damage.LastByte);
        await app.AdvanceAsync(TimeSpan.FromHours(2));

        await Eventually.Is("both are erased", async () => await app.RowAsync("first") is null && await app.RowAsync("second") is null, ServiceApp.Soon);
        await app.FollowUntilAsync("it is not told of any more", async () => await UnreadableAsync() == 0);
    }

    private async Task<int> UnreadableAsync() => (await app.GetAsync("/recommendations/model"))["unreadable"]!.GetValue<int>();

    /// <summary>Changes the row behind the back of the service.</summary>
    private async Task DamageAsync(string customer, Damage damage)
    {
        await app.AdvanceAsync(TimeSpan.FromMilliseconds(1));
        var module = app.Module("recommendation");
        var row = (await app.RowAsync(customer))!;
        var body = damage switch
        {
            Damage.Form => row.Body[..5],
            Damage.LastByte => Flip(row.Body.ToArray()),
            _ => Envelope.Seal((await module.Keys.FindAsync(Envelope.KeyOf(row.Body), CancellationToken.None))!, row.Key, Encoding.UTF8.GetBytes("{\"id\":4711}")),
        };
        var fields = row.Fields.ToDictionary();
        fields["changed"] = $"{Json.FormatTime(app.Now)}_{row.Key.Id}";
        await module.Store.WriteAsync([DocumentWrite.Put(row.Key, row.Version, body, isSealed: true, fields)], CancellationToken.None);
    }

    private static byte[] Flip(byte[] body)
    {
        body[^1] ^= 1;
        return body;
    }
}
