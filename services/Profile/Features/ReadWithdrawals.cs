using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>Somebody who took purposes back.</summary>
/// <param name="CustomerId">The caller's id of the person.</param>
/// <param name="Purposes">What they are no longer to be used for.</param>
/// <param name="Number">The place of the change in the consent stream.</param>
/// <param name="DecidedAt">When it was decided, UTC.</param>
public sealed record WithdrawalItem(string CustomerId, IReadOnlyList<string> Purposes, long Number, DateTimeOffset DecidedAt);

/// <summary>Withdrawals in the order of the consent stream.</summary>
/// <param name="Items">As many as asked for, at most.</param>
/// <param name="Next">Value of <c>after</c> for more of them now; null: there are none.</param>
/// <param name="Through">Value of <c>after</c> for the next request, whenever that is: nothing up to it is missing.</param>
public sealed record WithdrawalsAnswer(IReadOnlyList<WithdrawalItem> Items, long? Next, long Through);

/// <summary>Lets product services take people off the lists they hold. What is older than an audience may be used is gone, and so must the audience be.</summary>
internal static class ReadWithdrawals
{
    private const int Most = 500;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/withdrawals", HandleAsync)
        .AllowRoles(Roles.Product)
        .WithSummary("Who took purposes back after a number of the consent stream")
        .WithDescription("Begin with the smallest consentNumber of the audiences held, go on with through. WithdrawalRecorded on the bus says when there is something new.");

    private static async Task<Results<Ok<WithdrawalsAnswer>, ProblemHttpResult>> HandleAsync(
        ServiceModule module, DocumentSession session, CancellationToken cancellationToken, long after = 0, int limit = Most)
    {
        // An empty answer would say that nobody did, which isn't known.
        if (!module.Lease.IsValid) return Problems.ConsentUnknown();

        // Numbers beyond it may be followed by smaller ones that are still on their way.
        var through = (await session.LoadAsync<ConsentPosition>(ConsentPosition.Only, cancellationToken))?.Through ?? 0;
        var page = Math.Clamp(limit, 1, Most);
        var rows = await session.QueryRowsAsync<Withdrawal>(
            "number", after: Withdrawal.IdOf(Math.Max(after, 0)), atMost: Withdrawal.IdOf(through), limit: page, cancellationToken: cancellationToken);
        var last = rows.Count < page ? Math.Max(through, after) : long.Parse(rows[^1].Value, System.Globalization.CultureInfo.InvariantCulture);
        return TypedResults.Ok(new WithdrawalsAnswer(
            [.. rows.Select(row => row.Document).OfType<Withdrawal>().Select(known => new WithdrawalItem(known.CustomerId, known.Purposes, known.Number, known.DecidedAt))],
            rows.Count < page ? null : last, last));
    }
}
