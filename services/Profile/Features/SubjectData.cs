using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>Reads all that is held of a person.</summary>
internal static class SubjectData
{
    private const int Page = 1000;

    /// <summary>The data of the present epoch. The session keeps what it reads: take one for each person.</summary>
    public static async Task<IReadOnlyList<ProfileDatum>> ReadAsync(DocumentSession session, SubjectGate gate, CancellationToken cancellationToken)
    {
        var data = new List<ProfileDatum>();
        for (var after = SubjectIndex.Of(gate.Id, gate.Epoch); ;)
        {
            var rows = await session.QueryRowsAsync<ProfileDatum>(
                "subject", after: after, atMost: SubjectIndex.Through(gate.Id, gate.Epoch), limit: Page, cancellationToken: cancellationToken);
            data.AddRange(rows.Select(row => row.Document).OfType<ProfileDatum>());
            if (rows.Count < Page) return data;
            after = rows[^1].Value;
        }
    }
}
