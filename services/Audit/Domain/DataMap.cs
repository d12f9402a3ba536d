using Personalization.Contracts.Audit;
using Personalization.Contracts.Retention;

namespace Personalization.Audit.Domain;

/// <summary>The record of processing: what the services announced, put together.</summary>
/// <param name="Parties">Who is answerable, who processes for them, whom people can complain to.</param>
/// <param name="Purposes">What data is used for, by what right, and who receives it.</param>
/// <param name="RetentionRules">How long it is kept.</param>
/// <param name="Services">What each service holds.</param>
/// <param name="Awaiting">Services that hold data and haven't said for over two days what: without them the record isn't complete.</param>
public sealed record DataMap(
    IReadOnlyList<MappedParty> Parties, IReadOnlyList<MappedPurpose> Purposes, IReadOnlyList<RetentionRule> RetentionRules, IReadOnlyList<MappedService> Services,
    IReadOnlyList<string> Awaiting)
{
    // They are announced every hour and at start.
    private static readonly TimeSpan GoodFor = TimeSpan.FromDays(2);

    /// <summary>Puts it together.</summary>
    /// <param name="known">What each service announced last.</param>
    /// <param name="participants">Who has to be in it.</param>
    /// <param name="now">The current time.</param>
    public static DataMap Of(IEnumerable<KnownDataMap> known, IEnumerable<string> participants, DateTimeOffset now)
    {
        DataMapAnnounced[] maps = [.. known.Select(map => map.Announced).OrderBy(map => map.Participant, StringComparer.Ordinal)];
        return new DataMap(
            [.. maps.SelectMany(map => map.Parties ?? [])],
            [.. maps.SelectMany(map => map.Purposes ?? [])],
            [.. maps.SelectMany(map => map.RetentionRules ?? [])],
            [.. maps.Select(map => new MappedService(map.Participant, map.Region, map.AnnouncedAt, KnownDataMap.FingerprintOf(map), map.Collections))],
            [
                .. participants.Union(maps.Select(map => map.Participant)).Order(StringComparer.Ordinal)
                    .Where(participant => !maps.Any(map => map.Participant == participant && map.AnnouncedAt > now - GoodFor)),
            ]);
    }

    /// <summary>By what rights a datum is held: its own, or those of its purposes.</summary>
    public IReadOnlyList<string> BasesOf(HeldData data) =>
        data.LawfulBasis is { } own ? [own] : [.. Purposes.Where(purpose => data.Purposes.Contains(purpose.Id)).Select(purpose => purpose.LawfulBasis).Distinct()];

    // A rule that counts from something else says nothing of when that comes.
    private const int LongestDays = 3650;

    /// <summary>For how many days a datum is kept at most: by the shortest rule, which counts when all its purposes do. Null: no rule covers it.</summary>
    public int? DaysOf(HeldData data) =>
        RetentionRules.Where(rule => rule.Category == data.Category && data.Purposes.Contains(rule.Purpose)).Select(rule => (int?)(rule.From is null ? rule.KeepDays : LongestDays)).Min();
}

/// <summary>A service's part.</summary>
/// <param name="Name">The service.</param>
/// <param name="Region">Where its stores are.</param>
/// <param name="AnnouncedAt">When it said so, UTC.</param>
/// <param name="Fingerprint">As <see cref="DataMapChanged.Fingerprint"/>, whose event is in the audit log.</param>
/// <param name="Collections">What it holds.</param>
public sealed record MappedService(string Name, string Region, DateTimeOffset AnnouncedAt, string Fingerprint, IReadOnlyList<DataMapEntry> Collections);
