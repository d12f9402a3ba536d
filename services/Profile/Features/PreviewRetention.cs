using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>
/// Counts what other retention rules would erase at once, and erases nothing. Of very much it looks at the first by pseudonym, which are keyed hashes: a sample by chance, and it says of how much.
/// </summary>
internal static class PreviewRetention
{
    private const int MostDocuments = 100_000;
    private const int Page = 500;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/internal/retention-preview", HandleAsync)
        .AllowRoles(Roles.Service)
        .WithSummary("Count what other retention rules would erase, a small count suppressed");

    private static async Task<Ok<Answer>> HandleAsync(
        Request request, ServiceModule module, DocumentSession session, IOptions<ProfileOptions> options, TimeProvider time, CancellationToken cancellationToken)
    {
        var inForce = await session.LoadAsync<RetentionRules>(RetentionRules.Only, cancellationToken) ?? RetentionRules.None;
        var rules = new RetentionRules { Version = inForce.Version + 1, Rules = request.Rules };
        var now = time.GetUtcNow();

        // Also those that nothing falls under: a pair that is missing would say that it is nobody.
        var counts = inForce.Rules.Concat(rules.Rules).Select(rule => (rule.Purpose, rule.Category)).Distinct().ToDictionary(pair => pair, _ => new Count());
        var lookedAt = await EachAsync<ProfileDatum>(module, (datum, activity) =>
        {
            if (datum.ExpiresAt <= now) return;
            var left = datum.ShortenedBy(rules, activity) is { } kept && kept.ExpiresAt > now ? PairsOf(kept) : [];
            Add(datum.SubjectRef, PairsOf(datum).Except(left).Select(pair => (pair.Purpose, pair.Category)));
        }, cancellationToken);
        lookedAt += await EachAsync<ContactEntry>(module, (entry, activity) =>
        {
            if (entry.ExpiresAt <= now) return;
            var left = entry.ShortenedBy(rules, activity) is { } kept && kept.ExpiresAt > now ? kept.Purposes : [];
            Add(entry.SubjectRef, entry.Purposes.Except(left).Select(purpose => (purpose, entry.Category)));
        }, cancellationToken);

        var of = await session.CountAsync<ProfileDatum>("subject", cancellationToken: cancellationToken) + await session.CountAsync<ContactEntry>("subject", cancellationToken: cancellationToken);
        return TypedResults.Ok(new Answer(
            [
                .. counts.OrderBy(pair => pair.Key).Select(pair => new WouldErase(pair.Key.Purpose, pair.Key.Category, PeopleCount.Of(pair.Value.People.Count, options.Value.SuppressBelow))),
            ],
            lookedAt, of));

        void Add(string subject, IEnumerable<(string Purpose, string Category)> erased)
        {
            foreach (var pair in erased.Where(counts.ContainsKey)) counts[pair].People.Add(subject);
        }
    }

    private static IReadOnlyList<(string Field, string Purpose, string Category)> PairsOf(ProfileDatum datum) =>
        [.. from field in datum.Fields from purpose in field.Purposes select (field.Name, purpose, field.Category)];

    private static async Task<long> EachAsync<T>(ServiceModule module, Action<T, SubjectActivity?> look, CancellationToken cancellationToken)
        where T : class, ISubjectDocument
    {
        var lookedAt = 0L;
        for (string? after = null; lookedAt < MostDocuments;)
        {
            var session = module.OpenSession();
            var rows = await session.QueryRowsAsync<T>("subject", after: after, limit: Page, cancellationToken: cancellationToken);
            T[] documents = [.. rows.Select(row => row.Document).OfType<T>()];
            var activities = await session.LoadManyAsync<SubjectActivity>([.. documents.Select(document => document.DataKey!.Value.SubjectRef).Distinct()], cancellationToken);
            foreach (var document in documents) look(document, activities.GetValueOrDefault(document.DataKey!.Value.SubjectRef));
            lookedAt += rows.Count;
            if (rows.Count < Page) break;
            after = rows[^1].Value;
        }

        return lookedAt;
    }

    /// <summary>The rules that would be in force.</summary>
    internal sealed record Request(IReadOnlyList<RetentionRule> Rules);

    /// <summary>What they would erase.</summary>
    /// <param name="Counts">By purpose and category, also where it is nothing.</param>
    /// <param name="LookedAt">How many documents it rests on.</param>
    /// <param name="Of">How many there are.</param>
    internal sealed record Answer(IReadOnlyList<WouldErase> Counts, long LookedAt, long Of);

    /// <summary>Of how many people something would be erased.</summary>
    internal sealed record WouldErase(string Purpose, string Category, PeopleCount People);

    private sealed class Count
    {
        public HashSet<string> People { get; } = [];
    }
}
