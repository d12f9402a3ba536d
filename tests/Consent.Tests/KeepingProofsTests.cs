using Personalization.Consent.Domain;
using Personalization.Platform.Storage;
using Personalization.Testing;
using Xunit;

namespace Personalization.Consent.Tests;

/// <summary>What is left of a decision after the person was erased, and for how long.</summary>
public sealed class KeepingProofsTests(ConsentApp app) : IClassFixture<ConsentApp>
{
    [Fact]
    public async Task Each_decision_is_a_link_that_holds_the_hash_of_the_one_before()
    {
        await app.DeclareAsync("chained");
        await app.GrantAsync("chain", "chained");
        await app.GrantAsync("chain", "chained", ["viewing"]);
        await app.RevokeAsync("chain", "chained");

        var links = await LinksAsync("chain");
        var entries = await EntriesAsync("chain");

        Assert.Equal([LedgerLink.Start, links[0].Hash, links[1].Hash], links.Select(link => link.Previous));
        Assert.All(links, link => Assert.Equal(link.ComputeHash(), link.Hash));
        Assert.Equal(entries.Select(entry => entry.Commitment()), links.Select(link => link.Commitment));
        Assert.Equal(links[^1].Hash, app.Around.Events.Last(change => change.SubjectRef == app.RefOf("chain")).LedgerHash);
    }

    [Fact]
    public async Task After_an_erasure_the_proofs_open_under_their_own_key_and_still_fit_the_chain()
    {
        await app.DeclareAsync("proven");
        await app.GrantAsync("prover", "proven");
        var (_, answer) = await app.RevokeAsync("prover", "proven");
        var before = await LinksAsync("prover");

        var receipt = await app.EraseAsync("prover", (long)answer["version"]!);

        Assert.True(await app.Consent.Keys.IsDestroyedAsync(new DataKeyId(app.RefOf("prover"), 1), CancellationToken.None));
        Assert.Equal("ledger_entries", Assert.Single(receipt.Retained).Store);
        Assert.All(receipt.Residual, scan => Assert.Equal(0, scan.Found));
        Assert.Equal(before, await LinksAsync("prover"));
        Assert.Equal(before.Select(link => link.Commitment), (await EntriesAsync("prover")).Select(entry => entry.Commitment()));
        Assert.Equal(["granted", "revoked"], (await app.HistoryAsync("prover")).Select(entry => (string?)entry["decisions"]![0]!["decision"]));
    }

    [Fact]
    public async Task Three_years_later_the_proofs_and_their_key_are_gone_and_the_chain_is_whole()
    {
        await using var later = new LaterApp();
        await later.InitializeAsync();
        await later.DeclareAsync("old");
        await later.GrantAsync("gone", "old");
        var (_, answer) = await later.RevokeAsync("gone", "old");
        await later.EraseAsync("gone", (long)answer["version"]!);

        later.Clock.Advance(TimeSpan.FromDays((3 * 366) + 1));
        await later.RestartAsync();
        await Eventually.Is("the proofs are deleted", async () => (await later.HistoryAsync("gone")).Length == 0, ConsentApp.Soon);

        var links = await LinksAsync("gone", later);
        Assert.Equal(2, links.Count);
        Assert.All(links, link => Assert.Equal(link.ComputeHash(), link.Hash));
        await Eventually.Is(
            "their key is destroyed",
            () => later.Consent.Keys.IsDestroyedAsync(new DataKeyId(later.RefOf("gone"), 1, LedgerEntry.ProofRule), CancellationToken.None), ConsentApp.Soon);
    }

    private Task<IReadOnlyList<LedgerLink>> LinksAsync(string customerId) => LinksAsync(customerId, app);

    private static Task<IReadOnlyList<LedgerLink>> LinksAsync(string customerId, ConsentApp of) => of.Consent.OpenSession().QueryAsync<LedgerLink>(
        "place", after: LedgerLink.IdOf(of.RefOf(customerId), 0), atMost: LedgerLink.IdOf(of.RefOf(customerId), long.MaxValue));

    private Task<IReadOnlyList<LedgerEntry>> EntriesAsync(string customerId) => app.Consent.OpenSession().QueryAsync<LedgerEntry>(
        "place", after: LedgerLink.IdOf(app.RefOf(customerId), 0), atMost: LedgerLink.IdOf(app.RefOf(customerId), long.MaxValue));

    private sealed class LaterApp : ConsentApp, IAsyncDisposable
    {
        async ValueTask IAsyncDisposable.DisposeAsync() => await base.DisposeAsync();
    }
}
