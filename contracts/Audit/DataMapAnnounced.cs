using Personalization.Contracts.Retention;

namespace Personalization.Contracts.Audit;

/// <summary>
/// Published by each service with a store at its start, once an hour and within a minute of a change: what its stores hold, as its code declares it.
/// About nobody. The one announced last stands for the service; what isn't in it isn't held.
/// </summary>
public sealed record DataMapAnnounced
{
    /// <summary>The service.</summary>
    public required string Participant { get; init; }

    /// <summary>The region where its stores are.</summary>
    public required string Region { get; init; }

    /// <summary>When it was so, UTC.</summary>
    public required DateTimeOffset AnnouncedAt { get; init; }

    /// <summary>Every collection of its stores, by store and name.</summary>
    public required IReadOnlyList<DataMapEntry> Collections { get; init; }

    /// <summary>What data is used for, from the service that owns purposes. Null from any other.</summary>
    public IReadOnlyList<MappedPurpose>? Purposes { get; init; }

    /// <summary>How long it is kept, from the service that owns retention rules. Null from any other.</summary>
    public IReadOnlyList<RetentionRule>? RetentionRules { get; init; }

    /// <summary>Organizations that the service is set up to name. Null: none.</summary>
    public IReadOnlyList<MappedParty>? Parties { get; init; }
}

/// <summary>A collection as it is in a store.</summary>
public sealed record DataMapEntry
{
    /// <summary>Its name, the same on every back end.</summary>
    public required string Name { get; init; }

    /// <summary><c>data</c>, or <c>keys</c>: the store of data keys, apart from the data and its backups.</summary>
    public required string Store { get; init; }

    /// <summary><c>sealed</c>: bodies are encrypted with a data key (AES-256-GCM); <c>wrapped</c>: they are data keys, encrypted with a key-encryption key; <c>clear</c>.</summary>
    public required string Encryption { get; init; }

    /// <summary>What it holds and why.</summary>
    public required CollectionContents Contents { get; init; }

    /// <summary>How many documents, about. Null: not counted.</summary>
    public long? Documents { get; init; }

    /// <summary>The day, UTC, of the oldest document. Null: empty, or no index tells.</summary>
    public DateOnly? OldestOn { get; init; }

    /// <summary>The day, UTC, on which the next document is to go. Null: none is, or no index tells.</summary>
    public DateOnly? ExpiresNextOn { get; init; }
}

/// <summary>What a collection holds and what happens to it, said where the collection is declared.</summary>
public sealed record CollectionContents
{
    /// <summary>In a few words.</summary>
    public required Wording What { get; init; }

    /// <summary>The kinds of personal data; empty: nothing in it is about anybody.</summary>
    public required IReadOnlyList<HeldData> Data { get; init; }

    /// <summary>How long. Null for what is about nobody.</summary>
    public Keeping? Keeping { get; init; }

    /// <summary>Why an erasure leaves it, or what of it. Null: it goes with the person.</summary>
    public Wording? NotErasedBecause { get; init; }

    /// <summary>The endpoint that gives it to the person. Null: see <see cref="NotExportedBecause"/>.</summary>
    public string? ExportedBy { get; init; }

    /// <summary>Why it isn't given to the person.</summary>
    public Wording? NotExportedBecause { get; init; }

    /// <summary>Endpoints and events that something of it goes out by, and to whom: <c>GET /profiles/{customerId}: officer, subject</c>, <c>SignalRecorded: recommendation</c>. Null: the service alone reads it.</summary>
    public IReadOnlyList<string>? ReadBy { get; init; }

    /// <summary>The index that tells how old documents are. Null: none does.</summary>
    public string? DatedBy { get; init; }
}

/// <summary>A kind of personal data.</summary>
public sealed record HeldData
{
    /// <summary>A field of an event type (<c>type/field</c>), a contact type, or what it is in a word.</summary>
    public required string Name { get; init; }

    /// <summary>The category of data.</summary>
    public required string Category { get; init; }

    /// <summary>How delicate it is.</summary>
    public required DataClassification Classification { get; init; }

    /// <summary>What it may be used for; empty: for nothing that people decide on, see <see cref="LawfulBasis"/>.</summary>
    public required IReadOnlyList<string> Purposes { get; init; }

    /// <summary>By what right: one of those that a purpose can have. Null: by that of its purposes.</summary>
    public string? LawfulBasis { get; init; }

    /// <summary>What it says, in the words of whoever declared it.</summary>
    public string? Description { get; init; }
}

/// <summary>How delicate data is.</summary>
public enum DataClassification
{
    /// <summary>Nothing special.</summary>
    Ordinary,

    /// <summary>Health, belief, and the like.</summary>
    Sensitive,

    /// <summary>Names a person by itself.</summary>
    DirectIdentifier,

    /// <summary>Tells one person from another, and names nobody without a key that is elsewhere.</summary>
    Pseudonym,
}

/// <summary>How long a collection's documents are kept.</summary>
public sealed record Keeping
{
    /// <summary>What ends it.</summary>
    public required KeepingRule Rule { get; init; }

    /// <summary>Of <see cref="KeepingRule.Own"/>: ISO 8601. Null: <see cref="Why"/> says what ends it.</summary>
    public string? Period { get; init; }

    /// <summary>Why that long, and from when. Null where the rule says it.</summary>
    public Wording? Why { get; init; }
}

/// <summary>What ends the keeping.</summary>
public enum KeepingRule
{
    /// <summary>The shortest retention rule among the purposes and the category of each datum.</summary>
    RetentionRules,

    /// <summary>The erasure that follows when the person permits nothing any more, or demands it.</summary>
    UntilErased,

    /// <summary>A period of its own, or what it was needed for.</summary>
    Own,

    /// <summary>Nothing.</summary>
    ForGood,
}

/// <summary>The same in each language that documents are printed in.</summary>
public sealed record Wording
{
    /// <summary>English.</summary>
    public required string En { get; init; }

    /// <summary>Russian.</summary>
    public required string Ru { get; init; }
}

/// <summary>What data is used for.</summary>
public sealed record MappedPurpose
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>By what right.</summary>
    public required string LawfulBasis { get; init; }

    /// <summary>The categories people are asked about.</summary>
    public required IReadOnlyList<string> Categories { get; init; }

    /// <summary>The notice's title, by language.</summary>
    public required IReadOnlyDictionary<string, string> Titles { get; init; }

    /// <summary>Whom data is passed on to for it.</summary>
    public required IReadOnlyList<string> Recipients { get; init; }

    /// <summary>Who processes data for it on the operator's behalf.</summary>
    public required IReadOnlyList<string> Processors { get; init; }

    /// <summary>Countries where its data is stored, ISO 3166-1.</summary>
    public required IReadOnlyList<string> StorageLocations { get; init; }
}

/// <summary>An organization.</summary>
public sealed record MappedParty
{
    /// <summary><c>operator</c>: who is answerable for the data; <c>processor</c>; <c>authority</c>: whom people can complain to.</summary>
    public required string Role { get; init; }

    /// <summary>Its full name.</summary>
    public required string Name { get; init; }

    /// <summary>Its postal address.</summary>
    public required string Address { get; init; }

    /// <summary>How to reach it in matters of personal data.</summary>
    public string? Contact { get; init; }
}
