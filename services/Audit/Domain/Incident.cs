using System.Security.Cryptography;
using System.Text.Json.Serialization;
using Personalization.Contracts.Audit;
using Personalization.Platform;
using Personalization.Platform.Security;
using Personalization.Platform.Storage;

namespace Personalization.Audit.Domain;

/// <summary>What has to be told of an incident, and by when.</summary>
/// <param name="Notice"><c>authority-first</c>, <c>authority-result</c> (152-FZ art. 21 p. 3.1) or <c>gdpr</c> (art. 33).</param>
/// <param name="DueAt">UTC.</param>
/// <param name="SentAt">UTC; null until it is.</param>
/// <param name="Reference">What the receiver calls it.</param>
/// <param name="WarnedAt">When it was said that it is due soon, UTC.</param>
/// <param name="OverdueAt">When it was said that its time is over, UTC.</param>
public sealed record IncidentNotice(
    string Notice, DateTimeOffset DueAt, DateTimeOffset? SentAt = null, string? Reference = null, DateTimeOffset? WarnedAt = null, DateTimeOffset? OverdueAt = null)
{
    /// <summary>To the authority: what happened (24 hours).</summary>
    public const string AuthorityFirst = "authority-first";

    /// <summary>To the authority: what the inquiry found (72 hours).</summary>
    public const string AuthorityResult = "authority-result";

    /// <summary>To the supervisory authority of the GDPR (72 hours).</summary>
    public const string Gdpr = "gdpr";

    // So long before its end a notice is said to be due soon.
    private static readonly TimeSpan Warning = TimeSpan.FromHours(6);

    /// <summary>When there is something to say about it next; null: there isn't.</summary>
    [JsonIgnore]
    public DateTimeOffset? WakeAt => SentAt is not null || OverdueAt is not null ? null : WarnedAt is null ? DueAt - Warning : DueAt;
}

/// <summary>A collection that an incident concerns, as the data map had it when it was recorded.</summary>
/// <param name="Service">The service.</param>
/// <param name="Collection">Its name.</param>
/// <param name="What">In a few words.</param>
/// <param name="Categories">Those of its categories that are concerned.</param>
/// <param name="Encryption">Whether what was taken can be read without a key.</param>
/// <param name="Documents">How many there were, about; null if it isn't counted.</param>
/// <param name="CountedAt">When, UTC.</param>
public sealed record AffectedData(string Service, string Collection, Wording What, IReadOnlyList<string> Categories, string Encryption, long? Documents, DateTimeOffset CountedAt);

/// <summary>That personal data may have got where it shouldn't: what is known, what has to be told whom by when, what was done. Names nobody.</summary>
public sealed record Incident : IDocument
{
    /// <summary>A version 7 UUID.</summary>
    public required string Id { get; init; }

    /// <summary>What happened.</summary>
    public required string What { get; init; }

    /// <summary>What is presumed to have caused it; null: not known yet.</summary>
    public string? Causes { get; init; }

    /// <summary>What harm is presumed; null: not known yet.</summary>
    public string? Harm { get; init; }

    /// <summary>Whom the authority can ask; null: see the operator.</summary>
    public string? Contact { get; init; }

    /// <summary>UTC: the clocks run from then.</summary>
    public required DateTimeOffset NoticedAt { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset RecordedAt { get; init; }

    /// <summary>The services concerned.</summary>
    public required IReadOnlyList<string> Services { get; init; }

    /// <summary>The categories of data concerned.</summary>
    public required IReadOnlyList<string> Categories { get; init; }

    /// <summary>What was done, oldest first.</summary>
    public required IReadOnlyList<string> Measures { get; init; }

    /// <summary>What the inquiry found; null: it isn't finished.</summary>
    public string? Inquiry { get; init; }

    /// <summary>What the data map says is there.</summary>
    public IReadOnlyList<AffectedData> Affected { get; init; } = [];

    /// <summary>At most so many people, of those that were counted; null if no count tells.</summary>
    public long? SubjectsAtMost { get; init; }

    /// <summary>The clocks.</summary>
    public required IReadOnlyList<IncidentNotice> Notices { get; init; }

    /// <summary>When there is something to say about one of its notices.</summary>
    [JsonIgnore]
    public DateTimeOffset? WakeAt => Notices.Min(notice => notice.WakeAt);

    /// <summary>Listing, the newest first.</summary>
    [JsonIgnore]
    public string Order => Json.FormatNumber(DateTimeOffset.MaxValue.Ticks - NoticedAt.UtcTicks) + "/" + Id;

    /// <summary>The same, of those that a notice is still to be sent of or of those that are closed.</summary>
    [JsonIgnore]
    public string StateOrder => PrefixOf(isOpen: Notices.Any(notice => notice.SentAt is null)) + Order;

    /// <summary>What <see cref="StateOrder"/> begins with.</summary>
    public static string PrefixOf(bool isOpen) => isOpen ? "open/" : "closed/";

    /// <summary>The notices that have to follow what was noticed then.</summary>
    public static IReadOnlyList<IncidentNotice> NoticesOf(DateTimeOffset noticedAt) =>
    [
        new(IncidentNotice.AuthorityFirst, noticedAt.AddHours(24)), new(IncidentNotice.AuthorityResult, noticedAt.AddHours(72)), new(IncidentNotice.Gdpr, noticedAt.AddHours(72)),
    ];

    /// <summary>The collections of these services that hold these categories of personal data.</summary>
    public static IReadOnlyList<AffectedData> AffectedOf(IEnumerable<DataMapAnnounced> maps, IReadOnlyCollection<string> services, IReadOnlyCollection<string> categories) =>
    [
        .. from map in maps
           where services.Contains(map.Participant)
           from held in map.Collections
           let concerned = held.Contents.Data.Select(data => data.Category).Where(categories.Contains).Distinct().Order(StringComparer.Ordinal).ToArray()
           where concerned.Length > 0
           select new AffectedData(map.Participant, $"{held.Store}/{held.Name}", held.Contents.What, concerned, held.Encryption, held.Documents, map.AnnouncedAt),
    ];

    /// <summary>
    /// No service holds more people than it has data keys (one a person and epoch, counted when the person is erased too), and a document is about one. Over
    /// services it is the sum, unless Consent knows fewer: nothing is held of somebody who never decided anything.
    /// </summary>
    public static long? SubjectsAtMostOf(IReadOnlyCollection<DataMapAnnounced> maps, IReadOnlyCollection<AffectedData> affected)
    {
        if (affected.Count == 0) return 0;
        if (affected.Any(collection => collection.Documents is null)) return null;
        var sum = affected.GroupBy(collection => collection.Service).Sum(service =>
            Math.Min(service.Sum(collection => collection.Documents!.Value), CountOf(maps, service.Key, "data_keys") ?? long.MaxValue));
        return Math.Min(sum, CountOf(maps, "consent", "consent_records") ?? long.MaxValue);
    }

    /// <summary>What proves later what it said.</summary>
    public string Fingerprint() => Convert.ToHexStringLower(SHA256.HashData(CanonicalJson.Of(this)));

    /// <summary>With what the data map says now. Who may have been concerned once stays so.</summary>
    public Incident Mapped(IReadOnlyCollection<DataMapAnnounced> maps)
    {
        var affected = AffectedOf(maps, Services, Categories);
        var most = SubjectsAtMostOf(maps, affected);
        return this with { Affected = affected, SubjectsAtMost = SubjectsAtMost > most ? SubjectsAtMost : most };
    }

    /// <summary>With the notice sent; null if there is no such notice.</summary>
    public Incident? Send(string notice, DateTimeOffset sentAt, string? reference) => Notices.All(known => known.Notice != notice)
        ? null
        : this with { Notices = [.. Notices.Select(known => known.Notice == notice ? known with { SentAt = sentAt, Reference = reference } : known)] };

    /// <summary>With what is to be said now about its notices.</summary>
    public (Incident Next, IReadOnlyList<IncidentNoticeAwaited> Awaited) Remind(DateTimeOffset now)
    {
        var awaited = new List<IncidentNoticeAwaited>();
        var notices = Notices.Select(notice =>
        {
            if (!(notice.WakeAt <= now)) return notice;
            var isOverdue = notice.DueAt <= now;
            awaited.Add(new IncidentNoticeAwaited { IncidentId = Id, Notice = notice.Notice, DueAt = notice.DueAt, IsOverdue = isOverdue });
            return isOverdue ? notice with { WarnedAt = notice.WarnedAt ?? now, OverdueAt = now } : notice with { WarnedAt = now };
        }).ToArray();
        return (this with { Notices = notices }, awaited);
    }

    private static long? CountOf(IEnumerable<DataMapAnnounced> maps, string service, string collection) =>
        maps.FirstOrDefault(map => map.Participant == service)?.Collections.FirstOrDefault(held => held.Name == collection)?.Documents;
}
