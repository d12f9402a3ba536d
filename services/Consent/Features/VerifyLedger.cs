using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Consent.Domain;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>What a check of the stored ledger found.</summary>
/// <param name="Checked">Links gone along, up to the first wrong one.</param>
/// <param name="Decisions">Of these, those whose decision can still be opened and is the one the link commits to.</param>
/// <param name="FirstWrong">Null if everything is as it was recorded.</param>
public sealed record LedgerVerification(long Checked, long Decisions, WrongLink? FirstWrong);

/// <summary>Where the stored ledger is wrong.</summary>
/// <param name="SubjectRef">The subject's pseudonym.</param>
/// <param name="Version">The link's version.</param>
/// <param name="Reason">What is wrong.</param>
public sealed record WrongLink(string SubjectRef, long Version, string Reason);

/// <summary>
/// Goes along every chain, from the first link to the hash that the subject's state holds, and compares the decisions that can be opened.
/// Decisions go on meanwhile, so a subject that looks wrong in passing is looked at by itself before it is called so.
/// </summary>
internal static class VerifyLedger
{
    private const int Page = 500;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/ledger/verify", HandleAsync)
        .AllowRoles(Roles.Officer, Roles.Auditor)
        .ShowsStaff("consent-ledger", ["pseudonym"])
        .WithSummary("Check the stored ledger");

    private static async Task<Ok<LedgerVerification>> HandleAsync(ServiceModule module, CancellationToken cancellationToken)
    {
        var (links, decisions) = (0L, 0L);
        WrongLink? wrong = null;
        await using var rows = LinksAsync(module, "", null, cancellationToken).GetAsyncEnumerator(cancellationToken);
        var hasRow = await rows.MoveNextAsync();
        await foreach (var (subject, record) in DocumentsAsync<ConsentRecord>(module, "subject", "", null, cancellationToken))
        {
            while (wrong is null && hasRow && string.CompareOrdinal(rows.Current.SubjectRef, subject) < 0) wrong = await GoAlongAsync(rows.Current.SubjectRef, null);
            wrong ??= await GoAlongAsync(subject, record);
            if (wrong is not null) break;
        }

        // Links of subjects without a state.
        while (wrong is null && hasRow) wrong = await GoAlongAsync(rows.Current.SubjectRef, null);
        return TypedResults.Ok(new LedgerVerification(links, decisions, wrong));

        async Task<WrongLink?> GoAlongAsync(string subject, ConsentRecord? record)
        {
            var chain = new LedgerChain();
            string? doubt = null;
            for (; hasRow && rows.Current.SubjectRef == subject; hasRow = await rows.MoveNextAsync())
                doubt ??= rows.Current.WhatIsWrong ?? chain.Add(rows.Current.Link!, rows.Current.Entry);
            var found = doubt is null && WhatIsWrongAtTheEnd(record, chain) is null ? null : await LookAgainAsync(subject, chain = new LedgerChain(), module, cancellationToken);
            links += chain.Links;
            decisions += chain.Decisions;
            return found;
        }
    }

    /// <summary>The state is read first and says how far its links go; whatever is recorded after that stands behind them.</summary>
    private static async Task<WrongLink?> LookAgainAsync(string subject, LedgerChain chain, ServiceModule module, CancellationToken cancellationToken)
    {
        var after = SubjectIndex.Before(subject);
        for (var gone = -1L; ;)
        {
            ConsentRecord? record;
            try
            {
                record = await module.OpenSession().LoadAsync<ConsentRecord>(subject, cancellationToken);
            }
            catch (DocumentUnreadableException)
            {
                return new WrongLink(subject, 0, "the subject's state can't be read");
            }

            var version = record?.Version ?? 0;
            if (version == gone) return new WrongLink(subject, gone + 1, record is null ? "nothing else is known of the subject" : "the subject's state comes before the link");
            gone = version;
            if (version > 0)
            {
                var end = LedgerLink.IdOf(subject, version);
                await foreach (var row in LinksAsync(module, after, end, cancellationToken))
                {
                    var next = (chain.Last?.Version ?? 0) + 1;
                    if (row.Version > next) return new WrongLink(subject, next, "the link is missing: there is a later one");
                    if ((row.WhatIsWrong ?? chain.Add(row.Link!, row.Entry)) is { } wrong) return new WrongLink(subject, row.Version, wrong);
                }

                after = end;
                if (WhatIsWrongAtTheEnd(record, chain) is { } otherwise) return new WrongLink(subject, version, otherwise);
            }

            var last = LedgerLink.IdOf(subject, long.MaxValue);
            if (await module.OpenSession().CountAsync<LedgerLink>("place", after: after, atMost: last, cancellationToken: cancellationToken) == 0) return null;
        }
    }

    private static string? WhatIsWrongAtTheEnd(ConsentRecord? record, LedgerChain chain) =>
        chain.Last?.Version != record?.Version ? "the link that made the subject's state is missing"
        : chain.Last?.Hash != record?.LedgerHash ? "the subject's state continues another chain"
        : chain.Decided is { } decided && record is not null && !decided.ToHashSet().SetEquals(record.Decisions) ? "the subject's state is not what was decided"
        : null;

    private static async IAsyncEnumerable<LinkRow> LinksAsync(
        ServiceModule module, string after, string? atMost, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var page = new List<(string Id, LedgerLink? Link)>(Page);
        await foreach (var row in DocumentsAsync<LedgerLink>(module, "place", after, atMost, cancellationToken))
        {
            page.Add(row);
            if (page.Count < Page) continue;
            foreach (var link in await WithEntriesAsync(page, module, cancellationToken)) yield return link;
            page.Clear();
        }

        foreach (var link in await WithEntriesAsync(page, module, cancellationToken)) yield return link;
    }

    private static async Task<IReadOnlyList<LinkRow>> WithEntriesAsync(List<(string Id, LedgerLink? Link)> page, ServiceModule module, CancellationToken cancellationToken)
    {
        var entries = new Dictionary<string, LedgerEntry>();
        var unreadable = new HashSet<string>();
        await ReadAsync([.. page.Select(row => row.Id)]);
        return [.. page.Select(row => new LinkRow(
            row.Id,
            row.Link,
            entries.GetValueOrDefault(row.Id),
            row.Link?.Id != row.Id ? "the link can't be read, or belongs to another place" : unreadable.Contains(row.Id) ? "the decision can't be read: it was changed" : null))];

        // One that was changed doesn't open and hides the others that it is read with: halves of the page are read until it stands alone.
        async Task ReadAsync(string[] ids)
        {
            try
            {
                foreach (var (id, entry) in await module.OpenSession().LoadManyAsync<LedgerEntry>(ids, cancellationToken)) entries[id] = entry;
            }
            catch (Exception exception) when (exception is DocumentUnreadableException or CryptographicException)
            {
                if (ids.Length == 1)
                {
                    unreadable.Add(ids[0]);
                    return;
                }

                await ReadAsync(ids[..(ids.Length / 2)]);
                await ReadAsync(ids[(ids.Length / 2)..]);
            }
        }
    }

    /// <summary>Documents in clear in the order of a field that orders as their ids do; null for one that can't be read as what it should be.</summary>
    private static async IAsyncEnumerable<(string Id, T? Document)> DocumentsAsync<T>(
        ServiceModule module, string field, string after, string? atMost, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class, IDocument
    {
        var collection = module.OpenSession().Key<T>("").Collection;
        while (true)
        {
            var page = await module.Store.QueryAsync(new DocumentQuery(collection, field, AtMost: atMost, After: after, Limit: Page), cancellationToken);
            foreach (var stored in page) yield return (stored.Key.Id, Read(stored));
            if (page.Count < Page) yield break;
            after = page[^1].Fields[field];
        }

        static T? Read(StoredDocument stored)
        {
            try
            {
                return JsonSerializer.Deserialize<T>(stored.Body.Span, Json.Options);
            }
            catch (JsonException)
            {
                return null;
            }
        }
    }

    private sealed record LinkRow(string Id, LedgerLink? Link, LedgerEntry? Entry, string? WhatIsWrong)
    {
        public string SubjectRef => Id[..Math.Max(Id.LastIndexOf('/'), 0)];

        public long Version => long.TryParse(Id.AsSpan(Id.LastIndexOf('/') + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : 0;
    }
}
