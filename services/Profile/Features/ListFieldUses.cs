using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>What a type's fields are used for, and how much of them is held.</summary>
/// <param name="UnusedAfterDays">Days without a use after which a field is unused.</param>
/// <param name="DropsUnused">Whether what is unused isn't stored any more.</param>
/// <param name="LookedAt">How many data, of all types, the counts rest on.</param>
/// <param name="Of">How many there are.</param>
/// <param name="Items">By name: the declared fields, and those declared before of which something is held still.</param>
/// <param name="Next">There are no further ones.</param>
public sealed record FieldUsesAnswer(int UnusedAfterDays, bool DropsUnused, int LookedAt, long Of, IReadOnlyList<FieldUses> Items, string? Next);

/// <summary>A field.</summary>
/// <param name="Field">Its name.</param>
/// <param name="IsDeclared">Whether it is declared now.</param>
/// <param name="IsUnused">Whether it may be done without: nothing used it for so long, though it has been declared for so long.</param>
/// <param name="LastUsedOn">The last day (UTC) of any use; null: there was none.</param>
/// <param name="DeclaredOn">The day it was declared, or was for a further purpose; null: it isn't known.</param>
/// <param name="Data">About how many values are held; null where they are of too few people.</param>
/// <param name="People">About how many people they are of, if it may be told.</param>
/// <param name="UsedBy">What used it, the last use first.</param>
public sealed record FieldUses(
    string Field, bool IsDeclared, bool IsUnused, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] DateOnly? LastUsedOn, DateOnly? DeclaredOn,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] long? Data, PeopleCount People, IReadOnlyList<FieldUse> UsedBy);

/// <summary>
/// Shows what is held and not used. Of many data it looks at the first ones by pseudonym: these are keyed hashes, so that is a sample by chance, and
/// the counts are scaled up.
/// </summary>
internal static class ListFieldUses
{
    private const int MostData = 20_000;
    private const int Page = 1000;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/event-types/{type}/usage", HandleAsync)
        .AllowRoles(Roles.Product, Roles.Operator, Roles.Officer)
        .ShowsNobody()
        .WithSummary("What uses a type's fields, how much of each is held, and which are unused");

    private static async Task<Results<Ok<FieldUsesAnswer>, ProblemHttpResult>> HandleAsync(
        string type, DocumentSession session, ServiceModule module, IOptions<ProfileOptions> options, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await session.LoadAsync<EventType>(type, cancellationToken) is not { } declared) return Problems.NotFound("event type");
        var usage = await session.LoadAsync<FieldUsage>(type, cancellationToken) ?? new FieldUsage { Type = type };
        var (held, lookedAt) = (new Dictionary<string, Held>(), 0);
        for (var after = ""; lookedAt < MostData;)
        {
            var rows = await module.OpenSession().QueryRowsAsync<ProfileDatum>("subject", after: after, limit: Page, cancellationToken: cancellationToken);
            foreach (var datum in rows.Select(row => row.Document).OfType<ProfileDatum>().Where(datum => datum.EventType == type))
            {
                foreach (var field in datum.Fields)
                {
                    if (!held.TryGetValue(field.Name, out var counted)) held[field.Name] = counted = new Held();
                    counted.Data++;
                    counted.People.Add(datum.SubjectRef);
                }
            }

            lookedAt += rows.Count;
            if (rows.Count < Page) break;
            after = rows[^1].Value;
        }

        var all = Math.Max(lookedAt, await session.CountAsync<ProfileDatum>("subject", cancellationToken: cancellationToken));
        var unused = usage.UnusedOf(declared, time.GetUtcNow().DayOf(), options.Value.UnusedAfterDays);
        return TypedResults.Ok(new FieldUsesAnswer(
            options.Value.UnusedAfterDays, declared.DropUnused == true, lookedAt, all,
            [.. declared.Fields.Keys.Union(held.Keys).Order(StringComparer.Ordinal).Select(Describe)], null));

        FieldUses Describe(string name)
        {
            var counted = held.GetValueOrDefault(name) ?? new Held();
            var seen = PeopleCount.Of(counted.People.Count, options.Value.SuppressBelow);
            var used = usage.Fields.GetValueOrDefault(name);
            return new FieldUses(
                name, declared.Fields.ContainsKey(name), unused.Contains(name), used?.LastUsedOn, used?.Since,
                seen.Suppressed ? null : PeopleCount.Of(Scaled(counted.Data), options.Value.SuppressBelow).Count,
                seen.Suppressed ? seen : PeopleCount.Of(Scaled(counted.People.Count), options.Value.SuppressBelow),
                [.. (used?.Uses ?? []).OrderByDescending(use => use.On).ThenBy(use => use.Kind).ThenBy(use => use.Name, StringComparer.Ordinal)]);
        }

        long Scaled(long count) => lookedAt == 0 ? 0 : count * all / lookedAt;
    }

    private sealed class Held
    {
        public long Data { get; set; }

        public HashSet<string> People { get; } = [];
    }
}
