using System.Diagnostics;
using System.Text;
using Personalization.Platform.Storage;
using Personalization.Testing;
using Xunit;

namespace Personalization.Platform.Tests.Storage;

/// <summary>What <see cref="IDocumentStore"/> promises; each back end runs all of it.</summary>
public abstract class DocumentStoreContract : IAsyncLifetime
{
    protected static readonly CancellationToken None = CancellationToken.None;
    private static readonly Dictionary<DocumentKey, long> NothingHeld = [];

    private static readonly CollectionSchema[] Schemas = [new("things", ["due", "kind"]), new("others", [])];

    protected string ConnectionString { get; private set; } = "";

    protected IDocumentStore Store { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        ConnectionString = await NewStoreAsync();
        Store = await OpenAsync();
    }

    public virtual async Task DisposeAsync() => await Store.DisposeAsync();

    /// <summary>The connection string of a store that nobody has used.</summary>
    protected abstract Task<string> NewStoreAsync();

    protected async Task<IDocumentStore> OpenAsync()
    {
        IDocumentStore store = DocumentStores.Open(ConnectionString);
        await store.InitializeAsync(Schemas, None);
        return store;
    }

    protected static DocumentKey Thing(string id) => new("things", id);

    protected static DocumentKey Other(string id) => new("others", id);

    protected static DocumentWrite Put(DocumentKey key, long expectedVersion, string json = "{}", params (string Name, string Value)[] fields) =>
        DocumentWrite.Put(key, expectedVersion, Encoding.UTF8.GetBytes(json), isSealed: false, fields.ToDictionary(f => f.Name, f => f.Value));

    protected async Task<StoredDocument?> ReadAsync(DocumentKey key) => (await Store.ReadAsync([key], None)).SingleOrDefault();

    private async Task<IReadOnlyList<DocumentKey>> ConflictsOfAsync(params DocumentWrite[] writes) =>
        (await Assert.ThrowsAsync<DocumentConflictException>(() => Store.WriteAsync(writes, None))).Conflicts;

    private async Task<string[]> IdsOfAsync(DocumentQuery query) => [.. (await Store.QueryAsync(query, None)).Select(d => d.Key.Id)];

    private static string Json(StoredDocument? document) => Encoding.UTF8.GetString(document!.Body.Span);

    [ContractFact]
    public async Task A_document_is_inserted_replaced_and_deleted_by_version()
    {
        await Store.WriteAsync([Put(Thing("a"), 0, """{"n":1}""", ("due", "1"), ("kind", "x"))], None);
        StoredDocument? first = await ReadAsync(Thing("a"));
        Assert.Equal((Thing("a"), 1L, """{"n":1}""", false), (first!.Key, first.Version, Json(first), first.IsSealed));
        Assert.Equal(new() { ["due"] = "1", ["kind"] = "x" }, first.Fields.ToDictionary());

        await Store.WriteAsync([Put(Thing("a"), 1, """{"n":2}""", ("kind", "y"))], None);
        StoredDocument? second = await ReadAsync(Thing("a"));
        Assert.Equal((2L, """{"n":2}"""), (second!.Version, Json(second)));
        Assert.Equal(new() { ["kind"] = "y" }, second.Fields.ToDictionary());

        await Store.WriteAsync([DocumentWrite.Delete(Thing("a"), 2)], None);
        Assert.Null(await ReadAsync(Thing("a")));

        await Store.WriteAsync([Put(Thing("a"), 0)], None);
        Assert.Equal(1, (await ReadAsync(Thing("a")))!.Version);
    }

    [ContractFact]
    public async Task A_read_finds_what_a_query_matches_in_the_same_go()
    {
        await Store.WriteAsync([Put(Thing("a"), 0, "1", ("due", "1")), Put(Thing("b"), 0, "2", ("due", "3")), Put(Thing("c"), 0, "3", ("due", "2")), Put(Other("a"), 0, "4")], None);

        var (documents, found) = await Store.ReadAsync([Other("a"), Thing("b"), Thing("none")], NothingHeld, new DocumentQuery("things", "due", After: "1", Limit: 1), None);
        var (_, later) = await Store.ReadAsync([Thing("b"), Other("a")], NothingHeld, new DocumentQuery("things", "due", After: "1"), None);
        var (nothing, all) = await Store.ReadAsync([], NothingHeld, new DocumentQuery("things", "due"), None);

        Assert.Equal(["2", "4"], documents.Select(Json).Order());
        Assert.Equal("3", Json(Assert.Single(found)));
        Assert.Equal(["3", "2"], later.Select(Json));
        Assert.Empty(nothing);
        Assert.Equal(["1", "3", "2"], all.Select(Json));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.ReadAsync([], NothingHeld, new DocumentQuery("things", "undeclared"), None));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.ReadAsync([new DocumentKey("undeclared", "a")], NothingHeld, new DocumentQuery("things", "due"), None));
    }

    [ContractFact]
    public async Task A_read_leaves_out_the_body_of_the_version_that_the_caller_holds_and_of_no_other()
    {
        await Store.WriteAsync([Put(Thing("same"), 0, "1", ("due", "7")), Put(Thing("$changed"), 0, "1"), Put(Thing("other"), 0, "3")], None);
        await Store.WriteAsync([Put(Thing("$changed"), 1, "2", ("kind", "x"))], None);
        var held = new Dictionary<DocumentKey, long> { [Thing("same")] = 1, [Thing("$changed")] = 1, [Thing("gone")] = 1 };

        var (documents, _) = await Store.ReadAsync([Thing("same"), Thing("$changed"), Thing("other"), Thing("gone")], held, new DocumentQuery("things", "due"), None);

        Assert.Equal(["$changed 2 2 kind=x", "other 1 3 ", "same 1  due=7"], documents
            .Select(d => $"{d.Key.Id} {d.Version} {Json(d)} {string.Join(',', d.Fields.Select(f => $"{f.Key}={f.Value}"))}").Order(StringComparer.Ordinal));
    }

    [ContractFact]
    public async Task A_single_write_that_expects_another_version_names_the_document_and_changes_nothing()
    {
        await Store.WriteAsync([Put(Thing("a"), 0, "1")], None);
        await Store.WriteAsync([Put(Thing("a"), 1, "2")], None);

        Assert.Equal([Thing("a")], await ConflictsOfAsync(Put(Thing("a"), 0, "3")));
        Assert.Equal([Thing("a")], await ConflictsOfAsync(Put(Thing("a"), 1, "3")));
        Assert.Equal([Thing("a")], await ConflictsOfAsync(Put(Thing("a"), 3, "3")));
        Assert.Equal([Thing("a")], await ConflictsOfAsync(DocumentWrite.Delete(Thing("a"), 1)));
        Assert.Equal([Thing("b")], await ConflictsOfAsync(Put(Thing("b"), 1, "3")));
        Assert.Equal([Thing("b")], await ConflictsOfAsync(DocumentWrite.Delete(Thing("b"), 1)));

        StoredDocument? kept = await ReadAsync(Thing("a"));
        Assert.Equal((2L, "2"), (kept!.Version, Json(kept)));
        Assert.Null(await ReadAsync(Thing("b")));
    }

    [ContractFact]
    public async Task A_write_of_several_is_all_or_nothing_across_collections()
    {
        await Store.WriteAsync([Put(Thing("old"), 0, "1"), Put(Thing("gone"), 0), Put(Other("old"), 0, "1")], None);

        IReadOnlyList<DocumentKey> conflicts = await ConflictsOfAsync(
            Put(Thing("old"), 1, "2"), Put(Thing("new"), 0), DocumentWrite.Delete(Thing("gone"), 1), Put(Other("new"), 0), Put(Other("old"), 7, "2"), Put(Other("never"), 1));

        Assert.Equal([Other("never"), Other("old")], conflicts.OrderBy(k => k.Id, StringComparer.Ordinal));
        IReadOnlyList<StoredDocument> found = await Store.ReadAsync([Thing("old"), Thing("new"), Thing("gone"), Other("new"), Other("old"), Other("never")], None);
        Assert.Equal(["gone things 1", "old others 1", "old things 1"], found.Select(d => $"{d.Key.Id} {d.Key.Collection} {d.Version}").Order(StringComparer.Ordinal));
        Assert.All(found.Where(d => d.Key.Id == "old"), d => Assert.Equal("1", Json(d)));
    }

    [ContractFact]
    public async Task An_insert_of_an_existing_document_among_others_conflicts()
    {
        await Store.WriteAsync([Put(Thing("a"), 0, "1")], None);

        Assert.Equal([Thing("a")], await ConflictsOfAsync(Put(Thing("b"), 0), Put(Thing("a"), 0, "2")));
        Assert.Null(await ReadAsync(Thing("b")));
        Assert.Equal("1", Json(await ReadAsync(Thing("a"))));
    }

    [ContractFact]
    public async Task A_conflict_says_no_id_in_what_may_be_logged()
    {
        await Store.WriteAsync([Put(Thing("person-4711"), 0)], None);

        var alone = await Assert.ThrowsAsync<DocumentConflictException>(() => Store.WriteAsync([Put(Thing("person-4711"), 0)], None));
        var together = await Assert.ThrowsAsync<DocumentConflictException>(() => Store.WriteAsync([Put(Thing("b"), 0), Put(Thing("person-4711"), 0)], None));

        Assert.DoesNotContain("4711", alone.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("4711", together.ToString(), StringComparison.Ordinal);
    }

    [ContractFact]
    public async Task A_required_version_holds_or_fails_the_whole_write()
    {
        await Store.WriteAsync([Put(Thing("a"), 0, "1")], None);

        await Store.WriteAsync([DocumentWrite.Require(Thing("a"), 1), DocumentWrite.Require(Thing("absent"), 0), Put(Other("b"), 0)], None);
        StoredDocument? required = await ReadAsync(Thing("a"));
        Assert.Equal((1L, "1"), (required!.Version, Json(required)));
        Assert.Null(await ReadAsync(Thing("absent")));
        Assert.NotNull(await ReadAsync(Other("b")));

        Assert.Equal([Thing("a")], await ConflictsOfAsync(DocumentWrite.Require(Thing("a"), 2), Put(Other("c"), 0)));
        Assert.Equal([Thing("a")], await ConflictsOfAsync(DocumentWrite.Require(Thing("a"), 0), Put(Other("c"), 0)));
        Assert.Equal([Thing("absent")], await ConflictsOfAsync(DocumentWrite.Require(Thing("absent"), 1), Put(Other("c"), 0)));
        Assert.Equal([Thing("a")], await ConflictsOfAsync(DocumentWrite.Require(Thing("a"), 2)));
        Assert.Null(await ReadAsync(Other("c")));

        // What was required is as usable afterwards as before.
        await Store.WriteAsync([Put(Thing("a"), 1, "2"), Put(Thing("absent"), 0)], None);
        Assert.Equal(2, (await ReadAsync(Thing("a")))!.Version);
    }

    [ContractFact]
    public Task Of_two_units_that_each_change_what_the_other_requires_one_fails() => CrossingUnitsAsync(version: 1);

    [ContractFact]
    public Task Of_two_units_that_each_make_what_the_other_requires_absent_one_fails() => CrossingUnitsAsync(version: 0);

    private async Task CrossingUnitsAsync(long version)
    {
        const int rounds = 25;
        int applied = 0;
        for (int round = 0; round < rounds; round++)
        {
            DocumentKey a = Thing($"a{round}"), b = Thing($"b{round}");
            if (version == 1)
                await Store.WriteAsync([Put(a, 0), Put(b, 0)], None);
            int both = (await Task.WhenAll(TryAsync(a, b), TryAsync(b, a))).Count(done => done);
            Assert.True(both <= 1, $"Both units of round {round} were applied.");
            applied += both;
        }
        Assert.True(applied > 0, "No unit was ever applied.");

        Task<bool> TryAsync(DocumentKey required, DocumentKey changed) => Task.Run(async () =>
        {
            try
            {
                await Store.WriteAsync([DocumentWrite.Require(required, version), Put(changed, version)], None);
                return true;
            }
            catch (DocumentConflictException)
            {
                return false;
            }
        });
    }

    [ContractFact]
    public async Task Queries_are_in_the_ordinal_order_of_the_field_then_of_the_id()
    {
        // U+FF5E comes before an emoji as UTF-8 and after it as UTF-16.
        string[] inOrder = ["", "10", "9", "B", "a", "z", "é", "я", "～", "😀"];
        await Store.WriteAsync([.. inOrder.Reverse().SelectMany(due => new[] { Put(Thing($"2 {due}"), 0, "{}", ("due", due)), Put(Thing($"1 {due}"), 0, "{}", ("due", due)) })], None);

        Assert.Equal(inOrder.SelectMany(due => new[] { $"1 {due}", $"2 {due}" }), await IdsOfAsync(new("things", "due")));
    }

    [ContractFact]
    public async Task Queries_keep_to_their_bounds_and_limit()
    {
        await Store.WriteAsync([.. "abcde".Select(c => Put(Thing($"{c}"), 0, "{}", ("due", $"{c}"), ("kind", c < 'c' ? "low" : "high")))], None);
        await Store.WriteAsync([Put(Thing("without"), 0)], None);

        Assert.Equal(["a", "b", "c", "d", "e"], await IdsOfAsync(new("things", "due")));
        Assert.Equal(["a", "b", "c"], await IdsOfAsync(new("things", "due", AtMost: "c")));
        Assert.Equal(["a", "b", "c"], await IdsOfAsync(new("things", "due", AtMost: "cc")));
        Assert.Equal(["d", "e"], await IdsOfAsync(new("things", "due", After: "c")));
        Assert.Equal(["c", "d"], await IdsOfAsync(new("things", "due", After: "b", AtMost: "d")));
        Assert.Equal(["b", "c"], await IdsOfAsync(new("things", "due", After: "a", Limit: 2)));
        Assert.Equal(["d"], await IdsOfAsync(new("things", "due", EqualTo: "d")));
        Assert.Equal(["a", "b"], await IdsOfAsync(new("things", "kind", EqualTo: "low")));
        Assert.Empty(await IdsOfAsync(new("things", "due", EqualTo: "x")));

        Assert.Equal(5, await Store.CountAsync(new("things", "due", Limit: 1), None));
        Assert.Equal(2, await Store.CountAsync(new("things", "due", After: "c"), None));
        Assert.Equal(3, await Store.CountAsync(new("things", "kind", EqualTo: "high"), None));
        Assert.Equal(0, await Store.CountAsync(new("things", "kind", EqualTo: "none"), None));
    }

    [ContractFact]
    public async Task A_field_that_a_later_version_lacks_matches_no_more()
    {
        await Store.WriteAsync([Put(Thing("a"), 0, "{}", ("due", "1"))], None);
        await Store.WriteAsync([Put(Thing("a"), 1)], None);

        Assert.Empty(await IdsOfAsync(new("things", "due")));
        Assert.Equal(0, await Store.CountAsync(new("things", "due"), None));
    }

    [ContractFact]
    public async Task Many_documents_of_several_collections_are_read_at_once()
    {
        DocumentWrite[] writes = [.. Enumerable.Range(0, 400).Select(i => Put(i % 2 == 0 ? Thing($"{i}") : Other($"{i}"), 0, $"{i}"))];
        await Store.WriteAsync(writes, None);

        IReadOnlyList<StoredDocument> found = await Store.ReadAsync(
            [.. writes.Select(w => w.Key), Thing("absent"), Other("absent"), Thing("0")], None);

        Assert.Equal(400, found.Count);
        Assert.All(found, d => Assert.Equal(d.Key.Id, Json(d)));
        Assert.Equal(writes.Select(w => w.Key).ToHashSet(), found.Select(d => d.Key).ToHashSet());
        Assert.Empty(await Store.ReadAsync([], None));
    }

    [ContractFact]
    public async Task Bodies_come_back_byte_for_byte()
    {
        string[] bodies =
        [
            "", "{}", "[]", "1.0", """{"$oid":"507f1f77bcf86cd799439011"}""", """{"$numberLong":"x","a.b":{"$set":1},"":0}""",
            """{"text":"Привет, 世界 😀 \u0000 \ud83d\ude00 é"}""", "{ \"spaced\" :\t1e400,\n\"twice\":1,\"twice\":2 }", "\uFEFF{}",
        ];
        await Store.WriteAsync([.. bodies.Select((b, i) => Put(Thing($"{i}"), 0, b))], None);
        byte[] everyByte = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];
        await Store.WriteAsync(
            [
                DocumentWrite.Put(Other("sealed"), 0, everyByte, isSealed: true, new Dictionary<string, string>()),
                DocumentWrite.Put(Other("slice"), 0, everyByte.AsMemory(16, 32), isSealed: true, new Dictionary<string, string>()),
                DocumentWrite.Put(Other("nothing"), 0, default, isSealed: true, new Dictionary<string, string>()),
            ],
            None);

        for (int i = 0; i < bodies.Length; i++)
        {
            StoredDocument? document = await ReadAsync(Thing($"{i}"));
            Assert.False(document!.IsSealed);
            Assert.Equal(Encoding.UTF8.GetBytes(bodies[i]), document.Body.ToArray());
        }
        StoredDocument? @sealed = await ReadAsync(Other("sealed"));
        Assert.True(@sealed!.IsSealed);
        Assert.Equal(everyByte, @sealed.Body.ToArray());
        Assert.Equal(everyByte[16..48], (await ReadAsync(Other("slice")))!.Body.ToArray());
        Assert.Equal(0, (await ReadAsync(Other("nothing")))!.Body.Length);
    }

    [ContractFact]
    public async Task Ids_and_field_values_may_hold_any_text()
    {
        string[] texts = ["$where", "a.b", "Ünï 😀 я", "'; DROP TABLE things; --", "\"quoted\" [1] {2} \\", " ", "%_*"];
        await Store.WriteAsync([.. texts.Select(t => Put(Thing(t), 0, "{}", ("due", t)))], None);

        Assert.Equal(texts.ToHashSet(), (await Store.ReadAsync([.. texts.Select(Thing)], None)).Select(d => d.Key.Id).ToHashSet());
        foreach (string text in texts)
        {
            Assert.Equal(text, (await ReadAsync(Thing(text)))!.Fields["due"]);
            Assert.Equal([text], await IdsOfAsync(new("things", "due", EqualTo: text)));
        }
    }

    [ContractFact]
    public async Task A_document_may_have_a_megabyte()
    {
        var bytes = new byte[1_000_000];
        new Random(7).NextBytes(bytes);
        string json = $"\"{new string('я', 500_000)}\"";
        await Store.WriteAsync([DocumentWrite.Put(Other("sealed"), 0, bytes, isSealed: true, new Dictionary<string, string>()), Put(Other("clear"), 0, json)], None);

        Assert.True((await ReadAsync(Other("sealed")))!.Body.Span.SequenceEqual(bytes));
        Assert.Equal(json, Json(await ReadAsync(Other("clear"))));
    }

    [ContractFact]
    public async Task Hundreds_of_documents_are_written_together_or_not_at_all()
    {
        DocumentWrite[] unit = [.. Enumerable.Range(0, 600).Select(i => Put(i % 2 == 0 ? Thing($"{i}") : Other($"{i}"), 0, "{}"))];
        await Store.WriteAsync([Put(Other("599"), 0)], None);

        Assert.Equal([Other("599")], await ConflictsOfAsync(unit));
        Assert.Equal([Other("599")], (await Store.ReadAsync([.. unit.Select(w => w.Key)], None)).Select(d => d.Key));

        await Store.WriteAsync([DocumentWrite.Delete(Other("599"), 1)], None);
        await Store.WriteAsync(unit, None);
        Assert.Equal(600, (await Store.ReadAsync([.. unit.Select(w => w.Key)], None)).Count);
    }

    [ContractFact]
    public async Task Concurrent_writers_of_one_document_lose_no_change()
    {
        const int writers = 16, changes = 8;
        await Store.WriteAsync([Put(Thing("counter"), 0, "0")], None);

        await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(async () =>
        {
            for (int change = 0; change < changes;)
            {
                StoredDocument? counter = await ReadAsync(Thing("counter"));
                DocumentWrite next = Put(Thing("counter"), counter!.Version, $"{int.Parse(Json(counter)) + 1}");
                try
                {
                    // Half of them with an entry beside it: a unit of several takes another way through a back end.
                    await Store.WriteAsync(writer % 2 == 0 ? [next] : [next, Put(Thing($"{writer}-{change}"), 0, "{}", ("kind", "entry"))], None);
                    change++;
                }
                catch (DocumentConflictException)
                {
                }
            }
        })));

        StoredDocument? last = await ReadAsync(Thing("counter"));
        Assert.Equal((writers * changes + 1L, $"{writers * changes}"), (last!.Version, Json(last)));
        Assert.Equal(writers * changes / 2, await Store.CountAsync(new("things", "kind", EqualTo: "entry"), None));
    }

    [ContractFact]
    public async Task Reopening_keeps_everything()
    {
        await Store.WriteAsync([Put(Thing("a"), 0, "1", ("due", "1")), Put(Other("b"), 0, "2")], None);
        await Store.DisposeAsync();

        Store = await OpenAsync();
        Assert.Equal("1", Json(await ReadAsync(Thing("a"))));
        Assert.Equal("2", Json(await ReadAsync(Other("b"))));
        Assert.Equal(["a"], await IdsOfAsync(new("things", "due", EqualTo: "1")));
    }

    [ContractFact]
    public async Task A_field_can_be_declared_later()
    {
        await Store.WriteAsync([Put(Other("old"), 0, "1")], None);
        await Assert.ThrowsAsync<ArgumentException>(() => Store.QueryAsync(new("others", "state"), None));

        await Store.InitializeAsync([new("others", ["state"])], None);
        await Store.WriteAsync([Put(Other("new"), 0, "2", ("state", "open"))], None);
        Assert.Equal(["new"], await IdsOfAsync(new("others", "state")));
        Assert.Empty((await ReadAsync(Other("old")))!.Fields);

        await Store.WriteAsync([Put(Other("old"), 1, "1", ("state", "done"))], None);
        Assert.Equal(["old", "new"], await IdsOfAsync(new("others", "state")));
    }

    [ContractFact]
    public async Task Instances_that_start_at_once_agree_on_the_collections()
    {
        ConnectionString = await NewStoreAsync();
        IDocumentStore[] instances = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(OpenAsync)));
        try
        {
            await Task.WhenAll(instances.Select((store, i) => store.WriteAsync([Put(Thing($"{i}"), 0, "{}", ("due", "1"))], None)));
            Assert.All(instances, store => Assert.Equal(4, store.CountAsync(new("things", "due"), None).Result));
        }
        finally
        {
            foreach (IDocumentStore store in instances)
                await store.DisposeAsync();
        }
    }

    [ContractFact]
    public async Task Every_collection_is_counted_also_one_that_this_process_never_declared()
    {
        await Store.WriteAsync([Put(Thing("a"), 0), Put(Thing("b"), 0)], None);
        await using (IDocumentStore before = DocumentStores.Open(ConnectionString))
            await before.InitializeAsync([new("forgotten_things", ["due"])], None);

        Assert.Equal(
            new() { ["forgotten_things"] = 0, ["others"] = 0, ["things"] = 2 },
            (await Store.CountCollectionsAsync(None)).ToDictionary());
    }

    [ContractFact]
    public async Task What_was_not_declared_is_refused()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => Store.ReadAsync([new("unknown", "a")], None));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.WriteAsync([Put(new("unknown", "a"), 0)], None));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.WriteAsync([Put(Thing("a"), 0, "{}", ("unknown", "x"))], None));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.CountAsync(new("things", "unknown"), None));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.InitializeAsync([new("Things; --", [])], None));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.InitializeAsync([new("things", ["a.b"])], None));
    }

    [ContractFact]
    public async Task A_write_names_a_document_once_and_a_version_that_can_be()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => Store.WriteAsync([Put(Thing("a"), 0), DocumentWrite.Require(Thing("a"), 0)], None));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.WriteAsync([Put(Thing("a"), -1)], None));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.WriteAsync([DocumentWrite.Delete(Thing("a"), 0)], None));
        Assert.Null(await ReadAsync(Thing("a")));
    }

    [ContractFact]
    public async Task An_empty_write_a_scrub_and_a_ping_succeed()
    {
        await Store.WriteAsync([], None);
        await Store.ScrubAsync(None);
        await Store.PingAsync(None);
    }

    [ContractFact]
    public async Task Killing_the_writer_leaves_units_whole_and_keeps_what_was_acknowledged()
    {
        const int documents = 20;
        var random = new Random(11);
        var acknowledged = new List<string>();
        for (int round = 0; round < 4; round++)
            acknowledged.AddRange(await WriteUntilKilledAsync(acknowledgements: random.Next(1, 40), documents));

        await Store.InitializeAsync([new("units", ["unit"])], None);
        IReadOnlyList<StoredDocument> found = await Store.QueryAsync(new("units", "unit", Limit: int.MaxValue), None);
        Dictionary<string, int> sizes = found.GroupBy(d => d.Fields["unit"]).ToDictionary(g => g.Key, g => g.Count());
        Assert.All(sizes, unit => Assert.Equal(documents, unit.Value));
        Assert.All(acknowledged, unit => Assert.Contains(unit, sizes.Keys));
    }

    private async Task<List<string>> WriteUntilKilledAsync(int acknowledgements, int documents)
    {
        using Process writer = Process.Start(new ProcessStartInfo(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, "Personalization.Torture.dll"), "units", ConnectionString, "4", $"{documents}"])
        {
            RedirectStandardOutput = true,
        })!;
        var units = new List<string>();
        while (await writer.StandardOutput.ReadLineAsync() is { } unit)
        {
            units.Add(unit);
            if (units.Count == acknowledgements)
                writer.Kill();
        }
        await writer.WaitForExitAsync();
        Assert.True(units.Count >= acknowledgements, $"The writer ended by itself (exit code {writer.ExitCode}) after {units.Count} units.");
        return units;
    }
}
