using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>How many people would belong to a segment.</summary>
/// <param name="People">The estimate, if it may be told.</param>
/// <param name="LookedAt">How many people it rests on.</param>
/// <param name="Of">How many there are.</param>
public sealed record PreviewAnswer(PeopleCount People, int LookedAt, long Of);

/// <summary>
/// Counts who would belong to a segment, without declaring it. Of many people it looks at the first ones by pseudonym: these are keyed hashes, so
/// that is a sample by chance, and the count is scaled up.
/// </summary>
internal static class PreviewSegment
{
    private const int MostPeople = 5000;
    private const int Page = 500;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/segments:preview", HandleAsync)
        .AllowRoles(Roles.Marketer, Roles.Operator)
        .ShowsStaff("segment-preview", ["segment-membership"], isItselfCounts: true)
        .WithSummary("Count who would belong to a segment, a small count suppressed");

    private static async Task<Results<Ok<PreviewAnswer>, ProblemHttpResult>> HandleAsync(
        SegmentDeclaration declaration, ServiceModule module, DocumentSession session, IOptions<ProfileOptions> options, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!module.Lease.IsValid) return Problems.ConsentUnknown();
        var types = await session.EventTypesAsync(cancellationToken);
        if (declaration.ToSegment(declaration.Id ?? "preview", types, out var errors) is not { } segment) return DeclareSegment.Refuse(errors);

        var (lookedAt, belonging, now) = (0, 0L, time.GetUtcNow());
        for (var after = ""; lookedAt < MostPeople;)
        {
            var people = await module.OpenSession().QueryRowsAsync<VaultEntry>("subject", after: after, limit: Page, cancellationToken: cancellationToken);
            foreach (var person in people)
            {
                var reading = module.OpenSession();
                var gate = await reading.LoadAsync<SubjectGate>(person.Id, cancellationToken) ?? SubjectGate.Closed(person.Id);
                if (!gate.Allows(segment.Purpose, now)) continue;
                var seen = Observations.Of(await SubjectData.ReadAsync(reading, gate, cancellationToken), gate, segment.Purpose);
                if (Membership.Evaluate(segment, types, seen, gate, now).Holds) belonging++;
            }

            lookedAt += people.Count;
            if (people.Count < Page) break;
            after = people[^1].Value;
        }

        await session.UseAsync(
            new UsableFields(segment.Purpose, types).TakenBy(segment.Rule), new FieldUse(UseKind.Preview, segment.Purpose, now.DayOf(), segment.Purpose), cancellationToken);

        // What is suppressed is what was seen: a handful scaled up is a handful still.
        var all = await session.CountAsync<VaultEntry>("subject", cancellationToken: cancellationToken);
        var estimate = lookedAt == 0 ? 0 : Math.Max(belonging, belonging * all / lookedAt);
        var told = PeopleCount.Of(belonging, options.Value.SuppressBelow) is { Suppressed: true } hidden ? hidden : PeopleCount.Of(estimate, options.Value.SuppressBelow);
        return TypedResults.Ok(new PreviewAnswer(told, lookedAt, all));
    }
}
