using System.Text;
using System.Text.Json.Nodes;
using Personalization.Contracts.Profile;
using Personalization.Contracts.Retention;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;
using Personalization.StandIns;
using Personalization.Testing;
using Xunit;

namespace Personalization.Profile.Tests;

public sealed class ErasingProfilesTests(ProfileApp app) : IClassFixture<ProfileApp>
{
    [Fact]
    public async Task Revoking_a_purpose_takes_it_from_each_datum_and_erases_what_has_none_left()
    {
        await app.GrantAsync("anna", "recommendations", "viewing", "opinion");
        await app.GrantAsync("anna", "marketing-groups", "viewing");
        await app.PublishAsync([app.Event("anna", new { filmId = "f1", rating = 1.5 }), app.Event("anna", new { rating = 2.5 })]);

        var revocation = await app.RevokeAsync("anna", "recommendations");
        var receipt = await app.EraseAsync(revocation);
        var rows = await app.RowsAsync("anna");
        var item = Assert.Single(await app.ProfileAsync("anna"));

        Assert.Equal("""[{"name":"filmId","value":"f1","category":"viewing","purposes":["marketing-groups"],"lastUsedOn":null,"usedBy":[]}]""", item["fields"]!.ToJsonString());
        Assert.Equal([app.CollectionOf<VaultEntry>(), "profile_data"], rows.Select(row => row.Key.Collection).Order());
        Assert.Equal([("profile_data", "opinion", 2L, "erased")], receipt.Erased.Select(erased => (erased.Store, erased.Category, erased.Count, erased.Method)));
        Assert.All(receipt.Residual, place => Assert.Equal(0, place.Found));
        Assert.Equal(["changed_subjects", "contact_entries", "due_evaluations", "held_data", app.CollectionOf<VaultEntry>(), "outbox_entries", "profile_data", "quarantined_messages", "segment_members", "subject_activities"], receipt.Residual.Select(place => place.Searched).Order());
    }

    [Fact]
    public async Task A_command_that_is_ahead_of_the_consent_stream_is_answered_with_a_failure_and_erases_nothing()
    {
        await app.GrantAsync("oleg", "recommendations", "viewing");
        await app.PublishAsync([app.Event("oleg", new { filmId = "f1" })]);

        var receipt = await app.EraseAsync(new Revocation(app.RefOf("oleg"), 1, 99, true, []));

        Assert.Equal(("consent-behind", 0), (receipt.Failure, receipt.Erased.Count));
        Assert.Single(await app.ProfileAsync("oleg"));
    }

    [Fact]
    public async Task Who_waits_to_be_evaluated_goes_from_among_the_others()
    {
        foreach (var customer in new[] { "olga", "petr" }) await app.GrantAsync(customer, "recommendations", "viewing");
        await app.PublishAsync([app.Event("olga", new { filmId = "f1" }), app.Event("petr", new { filmId = "f1" })]);
        var together = await WaitingAsync();

        var receipt = await app.EraseAsync(await app.RevokeAsync("olga"));
        var left = await WaitingAsync();

        Assert.Contains(together, changed => changed.Subjects.Count > 1);
        Assert.DoesNotContain(left.SelectMany(changed => changed.Subjects), subject => subject.SubjectRef == app.RefOf("olga"));
        Assert.Contains(left.SelectMany(changed => changed.Subjects), subject => subject.SubjectRef == app.RefOf("petr"));
        Assert.Contains(receipt.Residual, place => (place.Searched, place.Found) == ("changed_subjects", 0));
    }

    [Fact]
    public async Task Revoking_one_category_erases_its_fields_only()
    {
        await app.GrantAsync("boris", "recommendations", "viewing", "opinion");
        await app.PublishAsync(app.Event("boris", new { filmId = "f1", rating = 1.5 }));

        await app.EraseAsync(await app.RevokeAsync("boris", "recommendations", "opinion"));

        Assert.Equal("filmId", Assert.Single(Assert.Single(await app.ProfileAsync("boris"))["fields"]!.AsArray())!["name"]!.GetValue<string>());
    }

    [Fact]
    public async Task What_is_revoked_is_not_shown_before_it_is_erased()
    {
        await app.GrantAsync("vera", "recommendations", "viewing", "opinion");
        await app.PublishAsync(app.Event("vera", new { filmId = "f1", rating = 1.5 }));

        var revocation = await app.RevokeAsync("vera", "recommendations", "opinion");
        var narrowed = Assert.Single(await app.ProfileAsync("vera"));
        await app.RevokeAsync("vera");

        Assert.True(!revocation.WholeEpoch);
        Assert.DoesNotContain("rating", narrowed.ToJsonString(), StringComparison.Ordinal);
        Assert.Empty(await app.ProfileAsync("vera"));
        Assert.NotEmpty(await app.RowsAsync("vera"));
    }

    [Fact]
    public async Task Revoking_everything_leaves_nothing_in_the_files()
    {
        await app.GrantAsync("gleb-4711", "recommendations", "viewing", "opinion");
        await app.PublishAsync(app.Event("gleb-4711", new { filmId = "The-Secret-Film", rating = 1.5 }, id: "order-98765"));
        var rows = await app.RowsAsync("gleb-4711");
        var module = app.Module("profile");
        var key = Assert.Single(await ReadKeyAsync("gleb-4711", 1));
        var wrapped = Convert.FromBase64String(JsonNode.Parse(key.Body.Span)!["secret"]!.GetValue<string>());

        // The check can find what it looks for: the sealed rows and the wrapped key are there, what they hold is in no file in clear.
        Assert.Equal(2, rows.Count);
        Assert.All(rows, row => Assert.True(Holds(app.FilesOf("profile"), row.Body.Span[^48..])));
        Assert.True(Holds(app.FilesOf("profile", keys: true), Encoding.ASCII.GetBytes(Convert.ToBase64String(wrapped))));
        AssertNoText();

        var receipt = await app.EraseAsync(await app.RevokeAsync("gleb-4711"));

        Assert.Empty(await app.RowsAsync("gleb-4711"));
        Assert.All(rows, row => Assert.False(Holds(app.FilesOf("profile"), row.Body.Span[^48..])));
        Assert.False(Holds(app.FilesOf("profile", keys: true), Encoding.ASCII.GetBytes(Convert.ToBase64String(wrapped))));
        AssertNoText();
        Assert.Null(await module.Keys.FindAsync($"{app.RefOf("gleb-4711")}.1", CancellationToken.None));
        Assert.Equal(
            [(app.CollectionOf<VaultEntry>(), "customer-id", 1L), ("profile_data", "opinion", 1L), ("profile_data", "viewing", 1L)],
            receipt.Erased.Select(erased => (erased.Store, erased.Category, erased.Count)));
        Assert.Equal([("withdrawals", "customer-id", 1L)], receipt.Retained.Select(retained => (retained.Store, retained.Category, retained.Count)));
        Assert.All(receipt.Residual, place => Assert.Equal(0, place.Found));

        void AssertNoText()
        {
            foreach (var text in new[] { "The-Secret-Film", "order-98765", "gleb-4711" })
                Assert.False(Holds(app.FilesOf("profile"), Encoding.UTF8.GetBytes(text)), $"A file holds {text}.");
        }
    }

    [Fact]
    public async Task A_command_delivered_again_does_not_touch_the_data_of_somebody_who_came_back()
    {
        await app.GrantAsync("dina", "recommendations", "viewing");
        var old = app.Event("dina", new { filmId = "f1" });
        await app.PublishAsync(old);
        var revocation = await app.RevokeAsync("dina");
        var first = await app.EraseAsync(revocation);

        await app.AdvanceAsync(TimeSpan.FromMinutes(1));
        await app.GrantAsync("dina", "recommendations", "viewing");
        var late = await app.PublishAsync([old, app.Event("dina", new { filmId = "f1" }, app.Now.AddSeconds(-1)), app.Event("dina", new { filmId = "f2" })]);
        var again = await app.EraseAsync(revocation);

        Assert.Equal(["before-consent", "before-consent"], late["refused"]!.AsArray().Select(refused => refused!["reason"]!.GetValue<string>()));
        Assert.Contains("f2", Assert.Single(await app.ProfileAsync("dina")).ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(2, (await app.RowsAsync("dina")).Count);
        Assert.Equal(first.Erased, again.Erased);
        Assert.Equal(first.ErasedAt, again.ErasedAt);
        Assert.NotNull(await app.Module("profile").Keys.FindAsync($"{app.RefOf("dina")}.2", CancellationToken.None));
    }

    [Fact]
    public async Task A_command_replayed_to_a_service_that_does_not_remember_it_does_not_touch_a_later_epoch()
    {
        await app.GrantAsync("egor", "recommendations", "viewing");
        var revocation = await app.RevokeAsync("egor");
        await app.AdvanceAsync(TimeSpan.FromSeconds(1));
        await app.GrantAsync("egor", "recommendations", "viewing");
        await app.PublishAsync(app.Event("egor", new { filmId = "f2" }));

        var receipt = await app.EraseAsync(revocation);

        Assert.Empty(receipt.Erased);
        Assert.Single(await app.ProfileAsync("egor"));
        Assert.Equal(1, (await app.PublishAsync(app.Event("egor", new { filmId = "f3" })))["accepted"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_purpose_agreed_to_again_does_not_bring_back_what_was_collected_before()
    {
        await app.GrantAsync("zoya", "recommendations", "viewing");
        await app.GrantAsync("zoya", "marketing-groups", "viewing");

        // The publisher's clock is ahead: by the event's own time it happened after the second grant.
        await app.PublishAsync(app.Event("zoya", new { filmId = "f1" }, app.Now.AddMinutes(4)));
        var revocation = await app.RevokeAsync("zoya", "recommendations");
        await app.AdvanceAsync(TimeSpan.FromMinutes(1));
        await app.GrantAsync("zoya", "recommendations", "viewing");
        await app.EraseAsync(revocation);

        var field = Assert.Single(Assert.Single(await app.ProfileAsync("zoya"))["fields"]!.AsArray())!;
        Assert.Equal("""["marketing-groups"]""", field["purposes"]!.ToJsonString());
    }

    [Fact]
    public async Task A_command_that_overtakes_its_revocation_catches_up_first()
    {
        await app.GrantAsync("inna", "recommendations", "viewing");
        await app.PublishAsync(app.Event("inna", new { filmId = "f1" }));

        var receipt = await app.EraseAsync(await app.RevokeAsync("inna", byBus: false));

        Assert.Empty(await app.RowsAsync("inna"));
        Assert.Contains(receipt.Erased, erased => erased.Store == "profile_data");
        Assert.Equal("no-consent", Assert.Single((await app.PublishAsync(app.Event("inna", new { filmId = "f1" })))["refused"]!.AsArray())!["reason"]!.GetValue<string>());
    }

    [Fact]
    public async Task Somebody_nothing_is_known_of_gets_a_receipt_too()
    {
        var receipt = await app.EraseUnknownAsync("katya");

        Assert.Empty(receipt.Erased);
        Assert.All(receipt.Residual, place => Assert.Equal(0, place.Found));
    }

    [Fact]
    public async Task A_signal_that_still_waits_to_be_sent_is_erased_unless_another_purpose_justifies_it()
    {
        foreach (var customer in new[] { "mila", "mila-2" }) await app.GrantAsync(customer, "recommendations", "viewing");
        await app.GrantAsync("mila-2", "marketing-groups", "viewing");
        var handled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        app.Around.Before = message => message is SignalRecorded ? handled.Task : Task.CompletedTask;
        try
        {
            foreach (var customer in new[] { "mila", "mila-2" }) await app.PublishAsync(app.Event(customer, new { filmId = "f1" }));

            var whole = await app.EraseAsync(await app.RevokeAsync("mila"));
            var purpose = await app.EraseAsync(await app.RevokeAsync("mila-2", "recommendations"));
            var rest = await app.EraseAsync(await app.RevokeAsync("mila-2"));

            Assert.Equal((1, 0, 1), (Waiting(whole), Waiting(purpose), Waiting(rest)));
        }
        finally
        {
            app.Around.Before = _ => Task.CompletedTask;
            handled.SetResult();
        }

        static long Waiting(SubjectDataErased receipt) => receipt.Erased.Where(erased => erased.Store == "outbox_entries").Sum(erased => erased.Count);
    }

    [Fact]
    public async Task A_profile_of_many_pages_is_erased_with_every_datum_counted_once()
    {
        await app.GrantAsync("lev", "recommendations", "viewing");
        for (var i = 0; i < 2; i++) await app.PublishAsync(Enumerable.Range(0, 600).Select(_ => app.Event("lev", new { filmId = "f1" })));

        var receipt = await app.EraseAsync(await app.RevokeAsync("lev"));

        Assert.Empty(await app.RowsAsync("lev"));
        Assert.Equal(1200, receipt.Erased.Single(erased => erased.Store == "profile_data").Count);
        Assert.Null(await app.Module("profile").OpenSession().LoadAsync<ErasureTally>(receipt.CaseId, CancellationToken.None));
    }

    private Task<IReadOnlyList<StoredDocument>> ReadKeyAsync(string customer, int epoch) => app.ReadKeyStoreAsync("profile", $"{app.RefOf(customer)}.{epoch}");

    private static bool Holds(byte[] file, ReadOnlySpan<byte> bytes) => file.AsSpan().IndexOf(bytes) >= 0;

    private Task<IReadOnlyList<ChangedSubjects>> WaitingAsync() => app.Module("profile").OpenSession().QueryAsync<ChangedSubjects>("created");
}
