using System.Text.Json.Serialization;
using Personalization.Contracts.Retention;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Domain;

/// <summary>This service's copy of the retention rules: how long data is kept is part of what a decision is about.</summary>
public sealed record RetentionPeriods : IDocument
{
    /// <summary>The one id.</summary>
    public const string Only = "periods";

    /// <summary>Before any were adopted: nothing is stored by anyone.</summary>
    public static readonly RetentionPeriods None = new() { Version = 0, Rules = [] };

    /// <inheritdoc/>
    [JsonIgnore]
    public string Id => Only;

    /// <summary>The newest version adopted.</summary>
    public required long Version { get; init; }

    /// <summary>All of them.</summary>
    public required IReadOnlyList<RetentionRule> Rules { get; init; }

    /// <summary>The rule; null: none covers it, so it isn't stored.</summary>
    public RetentionRule? RuleOf(string purpose, string category) => Rules.FirstOrDefault(rule => rule.Purpose == purpose && rule.Category == category);
}
