using System.Net;
using System.Text.Json.Nodes;
using Personalization.Contracts.Retention;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Profile.Features;
using Personalization.StandIns;
using Personalization.Testing;
using Xunit;

namespace Personalization.Profile.Tests;

/// <summary>P4 of the design: a copy restored from before an erasure brings nothing back.</summary>
public sealed class RestoringProfilesTests : IAsyncLifetime
{
    private readonly ProfileApp app = new();

    private string Data => $"sqlite:{Path.Combine(app.DataDirectory, "profile.db")}";

    private string Keys => $"sqlite:{Path.Combine(app.KeysDirectory, "profile", "data-keys.db")}";

    public Task InitializeAsync() => app.InitializeAsync();

    public Task DisposeAsync() => app.DisposeAsync();

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public async Task A_restored_copy_is_ready_only_once_all_that_was_erased_since_is_erased_again(bool ofData, bool ofKeys)
    {
        foreach (var customer in new[] { "anna", "boris", "vera", "gleb" }) await app.GrantAsync(customer, "recommendations", "viewing", "opinion");
        await app.EraseAsync(await app.RevokeAsync("vera"));
        await app.GrantAsync("vera", "recommendations", "viewing", "opinion");
        foreach (var customer in new[] { "anna", "boris", "vera", "gleb" }) await app.PublishAsync(app.Event(customer, new { filmId = "f1", rating = 1.5 }));
        var (data, keys) = (await CopyAsync(Data), await CopyAsync(Keys));
        await app.EraseAsync(await app.RevokeAsync("anna"));
        await app.EraseAsync(await app.RevokeAsync("boris", "recommendations", "opinion"));
        await app.EraseAsync(await app.RevokeAsync("gleb"));
        app.Around.IsRetentionReachable = false;
        var receipts = app.Around.Heard<SubjectDataErased>().Count;

        await app.RestartAsync(async () =>
        {
            if (ofData) await RestoreAsync(Data, data);
            if (ofKeys) await RestoreAsync(Keys, keys);
        });
        var reason = await Eventually.Is("it says that erasures are missing", ReasonAsync, reason => reason?.Contains("erased", StringComparison.Ordinal) == true, ServiceApp.Soon);
        var anna = new DataKeyId(app.RefOf("anna"), 1);
        var back = ofData ? (await app.RowsAsync("anna")).Count > 0 : !await app.Module("profile").Keys.IsDestroyedAsync(anna, CancellationToken.None);
        var replayed = await app.SendAsync(HttpMethod.Post, "/quarantine/replay", ServiceApp.Content(new { reason = "The store was down" }), Roles.Operator);
        app.Around.IsRetentionReachable = true;
        await app.UntilReadyAsync();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, replayed.Status);
        Assert.Contains("erasures-missed", replayed.Text, StringComparison.Ordinal);
        Assert.NotNull(reason);
        Assert.True(back, "The copy brought nothing back, so nothing is shown.");
        foreach (var customer in new[] { "anna", "gleb" })
        {
            Assert.Empty(await app.RowsAsync(customer));
            Assert.True(await app.Module("profile").Keys.IsDestroyedAsync(new DataKeyId(app.RefOf(customer), 1), CancellationToken.None));
        }

        Assert.Equal("filmId", Assert.Single(Assert.Single(await app.ProfileAsync("boris"))["fields"]!.AsArray())!["name"]!.GetValue<string>());
        Assert.Equal(2, Assert.Single(await app.ProfileAsync("vera"))["fields"]!.AsArray().Count);
        var again = await Eventually.Is(
            "each erasure has a receipt once more", () => Task.FromResult(app.Around.Heard<SubjectDataErased>().Skip(receipts).ToArray()), heard => heard.Length >= (ofData ? 3 : 2), ServiceApp.Soon);
        Assert.All(again.SelectMany(receipt => receipt.Residual), place => Assert.Equal(0, place.Found));
        Assert.Contains(again, receipt => receipt.SubjectRef == anna.SubjectRef && receipt.Erased.Sum(erased => erased.Count) > 0);
    }

    [Fact]
    public async Task A_restart_with_nothing_missed_erases_nothing_and_sends_no_receipt()
    {
        await app.GrantAsync("anna", "recommendations", "viewing");
        await app.PublishAsync(app.Event("anna", new { filmId = "f1" }));
        await app.EraseAsync(await app.RevokeAsync("anna"));

        await app.RestartAsync();
        await app.GrantAsync("boris", "recommendations", "viewing");
        await app.EraseAsync(await app.RevokeAsync("boris"));

        Assert.Equal(2, app.Around.Heard<SubjectDataErased>().Count);
    }

    [Fact]
    public async Task An_erasure_whose_command_never_came_is_carried_out_by_the_sequence()
    {
        await app.GrantAsync("anna", "recommendations", "viewing");
        await app.PublishAsync(app.Event("anna", new { filmId = "f1" }));
        var revocation = await app.RevokeAsync("anna");
        app.Around.Erasures.Enqueue(app.CommandOf(revocation));

        app.Time.Advance(TimeSpan.FromMinutes(5));

        await Eventually.Is("nothing is left", () => app.RowsAsync("anna"), rows => rows.Count == 0, ServiceApp.Soon);
        await Eventually.Is(
            "its receipt comes", () => Task.FromResult(app.Around.Heard<SubjectDataErased>()), receipts => receipts.Any(receipt => receipt.CaseId == revocation.CaseId), ServiceApp.Soon);
    }

    [Fact]
    public async Task An_erasure_that_cannot_be_carried_out_is_not_passed_over()
    {
        await app.GrantAsync("anna", "recommendations", "viewing");
        await app.PublishAsync(app.Event("anna", new { filmId = "f1" }));

        // Of a consent version that the stream doesn't hold, so what remains permitted isn't known.
        app.Around.Erasures.Enqueue(app.CommandOf(new Revocation(app.RefOf("anna"), 1, 99, true, [])));
        await app.RestartAsync(() => Task.CompletedTask);
        var reads = app.Around.ErasureReads;
        await Eventually.Is("it has tried several times", () => Task.FromResult(app.Around.ErasureReads), now => now >= reads + 3, ServiceApp.Soon);

        Assert.Contains("erased", await ReasonAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_restored_copy_knows_the_legal_holds_that_were_placed_or_ended_since_before_it_is_ready()
    {
        foreach (var customer in new[] { "held", "released" })
        {
            await app.GrantAsync(customer, "recommendations", "viewing");
            await app.PublishAsync(app.Event(customer, new { filmId = "f1" }));
        }

        await app.PublishAsync("retention", State("released", 1, stands: true));
        await app.UntilHandledAsync("retention");
        await Eventually.Is("the hold is known", () => KnownAsync("released"), known => known == (1, 1), ServiceApp.Soon);
        var data = await CopyAsync(Data);
        app.Around.Holds.Enqueue(State("held", 1, stands: true));
        app.Around.Holds.Enqueue(State("released", 2, stands: false));

        await app.RestartAsync(() => RestoreAsync(Data, data));
        await app.UntilReadyAsync();
        var known = (await KnownAsync("held"), await KnownAsync("released"));
        foreach (var customer in new[] { "held", "released" }) await app.EraseAsync(await app.RevokeAsync(customer));

        Assert.Equal(((1L, 1), (2L, 0)), known);
        Assert.Equal((1, 0), (await HeldAsync("held"), await HeldAsync("released")));

        LegalHoldsChanged State(string customer, long version, bool stands) => app.Module("retention").Signer.Sign(new LegalHoldsChanged
        {
            SubjectRef = app.RefOf(customer),
            Epoch = 0,
            Version = version,
            Holds = stands ? [new HeldCategory { HoldId = "h1", Category = "viewing" }] : [],
        });

        async Task<(long Version, int Held)> KnownAsync(string customer)
        {
            var holds = await KeepHoldsOnLegalHoldsChanged.HoldsAsync(app.Module("profile").OpenSession(), app.RefOf(customer), CancellationToken.None);
            return (holds.Version, holds.On("viewing", ["recommendations"]).Count);
        }

        async Task<int> HeldAsync(string customer) =>
            (await KeepHoldsOnLegalHoldsChanged.HeldAsync(app.Module("profile").OpenSession(), app.RefOf(customer), int.MaxValue, CancellationToken.None)).Count;
    }

    private static async Task<byte[]> CopyAsync(string store)
    {
        await using var opened = DocumentStores.Open(store);
        using var copy = new MemoryStream();
        await StoreBackup.WriteAsync(opened, new BackupHeader("profile", "data", DateTimeOffset.UnixEpoch), copy, CancellationToken.None);
        return copy.ToArray();
    }

    private static async Task RestoreAsync(string store, byte[] copy)
    {
        await using var opened = DocumentStores.Open(store);
        await StoreBackup.RestoreAsync(opened, new MemoryStream(copy), CancellationToken.None);
    }

    private async Task<string?> ReasonAsync()
    {
        using var client = app.As(Roles.Operator);
        using var response = await client.GetAsync(new Uri("/health/ready", UriKind.Relative));
        return response.StatusCode == HttpStatusCode.OK ? null : JsonNode.Parse(await response.Content.ReadAsStringAsync())!["checks"]!["profile"]!["reason"]?.GetValue<string>();
    }
}
