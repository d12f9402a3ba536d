using System.Text.Json;
using System.Text.Json.Serialization;
using Personalization.Platform;
using Personalization.Platform.Storage;

namespace Personalization.Profile.Domain;

/// <summary>A declared event type: what of such an event may be stored, and for what.</summary>
public sealed record EventType : IDocument
{
    /// <inheritdoc/>
    [JsonIgnore]
    public string Id => Type;

    /// <summary>The <c>type</c> attribute of its events.</summary>
    public required string Type { get; init; }

    /// <summary>Rises by one when the declaration changes.</summary>
    public required int Version { get; init; }

    /// <summary>What happened, in a sentence.</summary>
    public required string Description { get; init; }

    /// <summary>By name, in ordinal order. What is not among them is dropped.</summary>
    public required IReadOnlyDictionary<string, FieldDeclaration> Fields { get; init; }

    /// <summary>Which fields a recommender learns from; null if none.</summary>
    public SignalDeclaration? Signal { get; init; }

    /// <summary>The first parties: the <c>source</c> attributes of whoever collects this from the customers themselves. Null: whoever may publish is one.</summary>
    public IReadOnlyList<string>? Sources { get; init; }

    /// <summary>True if data that others collected is taken too. Null: it isn't.</summary>
    public bool? ThirdParty { get; init; }

    /// <summary>True if fields that nothing has used for <see cref="ProfileOptions.UnusedAfterDays"/> are dropped until something does. Null: they are kept.</summary>
    public bool? DropUnused { get; init; }

    /// <summary>Purposes that such an event says are reached (an order was delivered, a contract ended): retention rules may count from that. Null: none.</summary>
    public IReadOnlyList<string>? Reaches { get; init; }

    /// <summary>Whether events of the source are taken: beside the first parties, nobody unless the type says so.</summary>
    public bool Takes(string source) => ThirdParty == true || Sources?.Contains(source) != false;

    /// <summary>Whether nothing but the version differs.</summary>
    public bool SaysTheSameAs(EventType other) => Text(this) == Text(other with { Version = Version });

    private static string Text(EventType type) => JsonSerializer.Serialize(type, Json.Options);
}

/// <summary>One field of an event type.</summary>
public sealed record FieldDeclaration
{
    /// <summary>The JSON type its values have.</summary>
    public required FieldType Type { get; init; }

    /// <summary>The category of data that people decide on.</summary>
    public required string Category { get; init; }

    /// <summary>What it may be used for; at least one.</summary>
    public required IReadOnlyList<string> Purposes { get; init; }

    /// <summary>How delicate it is.</summary>
    public required Classification Classification { get; init; }

    /// <summary>Of a sensitive field: for which of its purposes people may be grouped by it, in segments and traits. Null: for none.</summary>
    public IReadOnlyList<string>? GroupingPurposes { get; init; }

    /// <summary>What it says, in a sentence.</summary>
    public required string Description { get; init; }

    /// <summary>How many days after the event its value is of no use any more: then it isn't taken, and isn't kept, whatever the retention rule. Null: no limit of its own.</summary>
    public int? MaxAgeDays { get; init; }

    /// <summary>True if people write the text, so that it may hold anything: it is searched for direct identifiers. Null: it isn't.</summary>
    public bool? FreeText { get; init; }

    /// <summary>Until when the value may be held at most, for an event of that time; null: no limit of its own.</summary>
    public DateTimeOffset? UsefulUntil(DateTimeOffset time) => MaxAgeDays is { } days ? time.AddDays(days) : null;
}

/// <summary>What a field's values are in JSON.</summary>
public enum FieldType
{
    /// <summary>Text.</summary>
    String,

    /// <summary>A finite number.</summary>
    Number,

    /// <summary>A whole number of 64 bits.</summary>
    Integer,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>Text: an ISO 8601 date-time with an offset.</summary>
    Time,
}

/// <summary>How delicate a field is.</summary>
public enum Classification
{
    /// <summary>Nothing special.</summary>
    Ordinary,

    /// <summary>Health, belief, and the like.</summary>
    Sensitive,

    /// <summary>Names a person by itself. Not stored from events.</summary>
    DirectIdentifier,
}

/// <summary>What a recommender learns from.</summary>
/// <param name="ItemField">The field that names the item.</param>
/// <param name="ValueField">The number that says how much it was liked, if any.</param>
public sealed record SignalDeclaration(string ItemField, string? ValueField = null);
