using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using System.Xml;
using Personalization.Contracts.Consent;
using Personalization.Contracts.Retention;
using Personalization.Platform;

namespace Personalization.Consent.Domain;

/// <summary>
/// A decision as ISO/IEC TS 27560:2023 records it; the receipt is a copy of the whole record. Made of the proof and of the version of the
/// notice it was decided on, so it stays the same whatever is declared later. Who to turn to is said as it is now: that has to be right on
/// the day it is read.
/// </summary>
/// <param name="SchemaVersion">The standard.</param>
/// <param name="RecordId">The decision's place in the ledger.</param>
/// <param name="ReceiptId">The receipt.</param>
/// <param name="PiiPrincipalId">The person's pseudonym.</param>
/// <param name="LedgerHash">Hash of the decision's link in the person's chain: what an older checkpoint is compared with.</param>
/// <param name="Processing">One for each purpose the decision touched.</param>
public sealed record ConsentReceipt(
    string SchemaVersion, string RecordId, string ReceiptId, string PiiPrincipalId, string LedgerHash, IReadOnlyList<ReceiptProcessing> Processing)
{
    private const string Standard = "ISO/IEC TS 27560:2023";

    // What was consented to is one purpose on a text of its own, never a sentence in another document.
    private const string Explicit = "explicit";

    private static readonly string[] Operations =
        ["collection", "recording", "systematization", "accumulation", "storage", "updating", "retrieval", "use", "blocking", "deletion", "destruction"];

    private static readonly string[] Rights = ["access", "rectification", "erasure", "restriction", "portability", "objection", "withdrawal", "complaint"];

    private static readonly JsonSerializerOptions Format = CreateFormat();

    /// <summary>The one byte form: what is answered, and what is signed.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Format);

    /// <summary>The record of a decision.</summary>
    /// <param name="entry">The decision's proof.</param>
    /// <param name="ledgerHash">Hash of its link.</param>
    /// <param name="history">The person's proofs up to and with it, oldest first.</param>
    /// <param name="versions">The versions of the notices its purposes were decided on, by purpose.</param>
    /// <param name="options">Who is answerable, and where people withdraw.</param>
    public static ConsentReceipt Of(
        LedgerEntry entry, string ledgerHash, IReadOnlyList<LedgerEntry> history, IReadOnlyDictionary<string, PurposeVersion> versions, ConsentOptions options) =>
        new(
            Standard,
            entry.Id,
            entry.ReceiptId,
            entry.SubjectRef,
            ledgerHash,
            [.. entry.Purposes.Select(decided => Process(
                decided, [.. history.Where(past => past.Purposes.Any(purpose => purpose.Purpose == decided.Purpose))], versions[decided.Purpose], options))]);

    private static ReceiptProcessing Process(DecidedPurpose decided, IReadOnlyList<LedgerEntry> history, PurposeVersion version, ConsentOptions options)
    {
        var purpose = version.Purpose;
        var notice = purpose.NoticeIn(history.LastOrDefault(past => past.Language is not null)?.Language ?? "") ?? purpose.Notices[0];
        string[] places = purpose.StorageLocations is { Count: > 0 } declared ? [.. declared] : [options.Country];
        // In the order in which the person was told of them; what the purpose no longer uses comes last.
        var told = purpose.Categories.ToList();
        DecidedCategory[] categories = [.. decided.Categories.OrderBy(category => (uint)told.IndexOf(category.Category))];
        var handsOn = purpose.Recipients.Count + purpose.Processors.Count > 0;
        return new ReceiptProcessing
        {
            PrivacyNotice = new ReceiptNotice(
                purpose.NoticeVersion, version.PublishedAt, notice.Title, notice.Text, notice.Sha256, $"{options.PublicUrl.TrimEnd('/')}/purposes/{purpose.Id}/versions/{purpose.NoticeVersion}"),
            Language = notice.Language,
            Purpose = purpose.Id,
            PurposeType = purpose.Type,
            LawfulBasis = purpose.LawfulBasis,
            PiiInformation =
            [
                .. categories.Select(category => new ReceiptPii(
                    category.Category, purpose.NameOf(category.Category, notice.Language), PiiOptional: true, purpose.SensitiveCategories.Contains(category.Category),
                    category.Decision, category.ValidUntil, category.IsRestricted)),
            ],
            PiiControllers = [ReceiptParty.Of(options.Controller, "controller")],
            CollectionMethod = "events of the product's own services",
            ProcessingMethod = new ReceiptMethod("automated", handsOn ? [.. Operations, "transfer"] : Operations),
            StorageLocations = places,
            RetentionPeriod = [.. categories.Select(category => new ReceiptRetention(category.Category, $"P{category.KeepDays ?? 0}D", category.KeepFrom))],
            Service = options.Service,
            Jurisdiction = purpose.Jurisdictions is { Count: > 0 } laws ? laws : [options.Country],
            RecipientThirdParties =
            [
                .. purpose.Recipients.Select(name => new ReceiptRecipient(name, ReceiptRecipient.Recipient)),
                .. purpose.Processors.Select(name => new ReceiptRecipient(name, ReceiptRecipient.Processor)),
            ],
            WithdrawalMethod = new ReceiptWithdrawal($"DELETE {options.PublicUrl.TrimEnd('/')}/consents/{{customerId}}/{purpose.Id}", options.PrivacyPage),
            PrivacyRights = Rights,
            AuthorityParty = ReceiptParty.Of(options.Authority, "authority"),
            Events = [.. history.SelectMany(past => EventsOf(past, past.Purposes.First(touched => touched.Purpose == decided.Purpose), options))],
        };
    }

    private static IEnumerable<ReceiptEvent> EventsOf(LedgerEntry entry, DecidedPurpose decided, ConsentOptions options)
    {
        var changed = decided.Categories.Where(category => category.Event is not null).ToArray();
        if (entry.ServedAt is { } servedAt) yield return Event(ConsentEventState.Requested, servedAt, changed);
        foreach (var group in changed.GroupBy(category => category.Event!.Value).OrderBy(group => group.Key)) yield return Event(group.Key, entry.DecidedAt, [.. group]);

        ReceiptEvent Event(ConsentEventState state, DateTimeOffset at, DecidedCategory[] categories) => new()
        {
            EventTime = at,
            ValidityDuration = DurationOf(state, at, categories[0].ValidUntil),
            EntityId = state is ConsentEventState.Requested or ConsentEventState.Expired or ConsentEventState.Invalidated ? options.Controller.Id : entry.SubjectRef,
            EventType = Explicit,
            EventState = state,
            PiiTypes = [.. categories.Select(category => category.Category)],
            ReceiptId = entry.ReceiptId,
            RecordedAt = entry.RecordedAt,
            Channel = entry.Channel,
            NoticeVersion = decided.NoticeVersion,
            ServedNoticeId = entry.ServedNoticeId,
            Evidence = entry.Evidence,
        };
    }

    /// <summary>ISO 8601, from the event on. What permits nothing is valid for no time; what has no end has no duration in ISO 8601 and says so in words.</summary>
    private static string DurationOf(ConsentEventState state, DateTimeOffset at, DateTimeOffset? until) => state switch
    {
        not (ConsentEventState.Given or ConsentEventState.Reaffirmed) => "P0D",
        _ when until is { } end => XmlConvert.ToString(end - at),
        _ => "until_withdrawn",
    };

    private static JsonSerializerOptions CreateFormat()
    {
        var options = Json.Configure(new JsonSerializerOptions());
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.Encoder = JavaScriptEncoder.Create(UnicodeRanges.All);
        return options;
    }
}

/// <summary>A purpose within a receipt. Members are those of the standard but for <see cref="Events"/>, the section of that name.</summary>
public sealed record ReceiptProcessing
{
    /// <summary>The text it was decided on.</summary>
    public required ReceiptNotice PrivacyNotice { get; init; }

    /// <summary>The text's language.</summary>
    public required string Language { get; init; }

    /// <summary>The purpose's id.</summary>
    public required string Purpose { get; init; }

    /// <summary>What it is about.</summary>
    public required PurposeType PurposeType { get; init; }

    /// <summary>The lawful basis.</summary>
    public required string LawfulBasis { get; init; }

    /// <summary>Categories of data and their state from the decision on.</summary>
    public required IReadOnlyList<ReceiptPii> PiiInformation { get; init; }

    /// <summary>Who is answerable.</summary>
    public required IReadOnlyList<ReceiptParty> PiiControllers { get; init; }

    /// <summary>Where the data come from.</summary>
    public required string CollectionMethod { get; init; }

    /// <summary>What is done with them.</summary>
    public required ReceiptMethod ProcessingMethod { get; init; }

    /// <summary>Countries.</summary>
    public required IReadOnlyList<string> StorageLocations { get; init; }

    /// <summary>How long data are kept, by the rules in force with the decision.</summary>
    public required IReadOnlyList<ReceiptRetention> RetentionPeriod { get; init; }

    /// <summary>What the product is called.</summary>
    public required string Service { get; init; }

    /// <summary>Countries whose law applies.</summary>
    public required IReadOnlyList<string> Jurisdiction { get; init; }

    /// <summary>Who receives the data; empty: nobody.</summary>
    public required IReadOnlyList<ReceiptRecipient> RecipientThirdParties { get; init; }

    /// <summary>How to withdraw.</summary>
    public required ReceiptWithdrawal WithdrawalMethod { get; init; }

    /// <summary>What a person may ask for.</summary>
    public required IReadOnlyList<string> PrivacyRights { get; init; }

    /// <summary>Where to complain.</summary>
    public required ReceiptParty AuthorityParty { get; init; }

    /// <summary>Everything that happened to the consent up to this decision, oldest first.</summary>
    public required IReadOnlyList<ReceiptEvent> Events { get; init; }
}

/// <summary>The text a decision was made on.</summary>
public sealed record ReceiptNotice(int Version, DateTimeOffset PublishedAt, string Title, string Text, string Sha256, string Url);

/// <summary>A category of data.</summary>
/// <param name="PiiType">Its id.</param>
/// <param name="Name">What the person was told it is.</param>
/// <param name="PiiOptional">Whether it can be refused apart from the others.</param>
/// <param name="SensitivePiiCategory">Whether the law protects it more.</param>
/// <param name="State">Its state from the decision on.</param>
/// <param name="ValidUntil">When a grant ends, UTC; null: no end.</param>
public sealed record ReceiptPii(string PiiType, string Name, bool PiiOptional, bool SensitivePiiCategory, ConsentDecision State, DateTimeOffset? ValidUntil, bool? IsRestricted = null);

/// <summary>How data are processed.</summary>
public sealed record ReceiptMethod(string Means, IReadOnlyList<string> Operations);

/// <summary>How long a category is kept, ISO 8601, and from what; from null, receipt: then P0D says that it isn't stored, as no rule covers it.</summary>
public sealed record ReceiptRetention(string PiiType, string Duration, RetentionStart? From = null);

/// <summary>Who receives data: on their own behalf, or the controller's.</summary>
public sealed record ReceiptRecipient(string PartyName, string PartyRole)
{
    internal const string Recipient = "recipient";
    internal const string Processor = "processor";
}

/// <summary>How to withdraw: what a program calls, and where a person goes.</summary>
public sealed record ReceiptWithdrawal(string Endpoint, Uri Page);

/// <summary>An organization.</summary>
public sealed record ReceiptParty(
    string PartyId, string PartyName, string PartyAddress, string PartyContact, string PartyType, string PartyRole, string? PartyEmail, Uri? PartyUrl, string? PartyPhone)
{
    internal static ReceiptParty Of(PartyOptions party, string role) =>
        new(party.Id, party.Name, party.Address, party.Contact, party.Type, role, party.Email, party.Url, party.Phone);
}

/// <summary>Something that happened to a consent.</summary>
public sealed record ReceiptEvent
{
    /// <summary>When, UTC.</summary>
    public required DateTimeOffset EventTime { get; init; }

    /// <summary>For how long it permits anything: ISO 8601, or <c>until_withdrawn</c>.</summary>
    public required string ValidityDuration { get; init; }

    /// <summary>Who did it: the person, or the controller.</summary>
    public required string EntityId { get; init; }

    /// <summary>The kind of consent.</summary>
    public required string EventType { get; init; }

    /// <summary>What happened.</summary>
    public required ConsentEventState EventState { get; init; }

    /// <summary>To which categories.</summary>
    public required IReadOnlyList<string> PiiTypes { get; init; }

    /// <summary>The decision's own receipt.</summary>
    public required string ReceiptId { get; init; }

    /// <summary>When it was recorded, UTC.</summary>
    public required DateTimeOffset RecordedAt { get; init; }

    /// <summary>Where it was decided.</summary>
    public required string Channel { get; init; }

    /// <summary>The version of the notice.</summary>
    public required int NoticeVersion { get; init; }

    /// <summary>The record of the notice's having been served.</summary>
    public string? ServedNoticeId { get; init; }

    /// <summary>Where the proof of a decision made elsewhere is.</summary>
    public string? Evidence { get; init; }
}
