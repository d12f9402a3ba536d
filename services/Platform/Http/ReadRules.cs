using System.Text.Json.Serialization;
using Personalization.Contracts.Profile;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Platform.Http;

/// <summary>
/// The policy of reading: role, purpose of use and category of data, and how much of it. What no rule allows, nobody may but the person. Profile owns the
/// rules; every other service that shows staff something keeps a copy and goes by it.
/// </summary>
public sealed record ReadRules : IDocument
{
    /// <summary>The one id.</summary>
    public const string Only = "rules";

    /// <summary>Before any were declared: what the roles are for. Nothing that rests on consent is among it.</summary>
    public static readonly ReadRules Standard = new()
    {
        Rules =
        [
            new() { Role = Roles.Auditor, Purpose = "audit", Categories = ["commitment-keys", "consent", "customer-id", "pseudonym", "staff"], IsDefault = true },
            new() { Role = Roles.Marketer, Purpose = "marketing", Categories = ["segment-membership"], Access = ReadAccess.CountsOnly, IsDefault = true },
            new() { Role = Roles.Officer, Purpose = "data-protection", Categories = ["commitment-keys", "consent", "customer-id", "export", "objection", "pseudonym", "segment-membership", "staff"], IsDefault = true },
            new() { Role = Roles.Operator, Purpose = "operations", Categories = ["consent", "pseudonym", "segment-membership", "signal"], IsDefault = true },
        ],
    };

    /// <inheritdoc/>
    [JsonIgnore]
    public string Id => Only;

    /// <summary>Rises by one with each change; 0 before the first.</summary>
    public long Version { get; init; }

    /// <summary>In the order of role, purpose and access.</summary>
    public IReadOnlyList<ReadRule> Rules { get; init; } = [];

    /// <summary>The rules in force in the session's service.</summary>
    public static async Task<ReadRules> OfAsync(DocumentSession session, CancellationToken cancellationToken) => await session.LoadAsync<ReadRules>(Only, cancellationToken) ?? Standard;

    /// <summary>Keeps what was announced, if it is newer than what is known.</summary>
    public static async Task AdoptAsync(ReadRulesChanged changed, DocumentSession session, CancellationToken cancellationToken)
    {
        if ((await session.LoadAsync<ReadRules>(Only, cancellationToken))?.Version >= changed.Version) return;
        session.Store(new ReadRules { Version = changed.Version, Rules = changed.Rules });
    }

    /// <summary>Replaces all rules. Null if they are the same, in whatever order.</summary>
    public ReadRules? Replace(IEnumerable<ReadRule> rules)
    {
        ReadRule[] ordered =
        [
            .. rules.Select(rule => rule with
                {
                    Categories = [.. rule.Categories.Distinct().Order(StringComparer.Ordinal)],
                    Access = rule.Access == ReadAccess.Allow ? null : rule.Access,
                    IsDefault = rule.IsDefault == true ? true : null,
                })
                .OrderBy(rule => rule.Role, StringComparer.Ordinal).ThenBy(rule => rule.Purpose, StringComparer.Ordinal).ThenBy(rule => rule.Access ?? ReadAccess.Allow),
        ];
        return Text(ordered).SequenceEqual(Text(Rules)) ? null : new ReadRules { Version = Version + 1, Rules = ordered };

        static IEnumerable<string> Text(IEnumerable<ReadRule> of) => of.Select(rule => $"{rule.Role} {rule.Purpose} {rule.Access} {rule.IsDefault} {string.Join(' ', rule.Categories)}");
    }

    /// <summary>What is to be announced of them.</summary>
    public ReadRulesChanged Announcement(DateTimeOffset now) => new() { Version = Version, Rules = Rules, ChangedAt = now };

    /// <summary>Decides on a read of what doesn't rest on consent. What forbids one of the categories forbids the whole.</summary>
    /// <param name="role">The caller's role.</param>
    /// <param name="isNamed">Whether the token says who the caller is.</param>
    /// <param name="purpose">The purpose of use, as the caller named it; null or empty: the role's default one, if there is such.</param>
    /// <param name="categories">What the answer holds, at least one.</param>
    public ReadDecision Decide(string role, bool isNamed, string? purpose, IReadOnlyList<string> categories)
    {
        var named = string.IsNullOrEmpty(purpose) ? Rules.FirstOrDefault(rule => rule.Role == role && rule.IsDefault == true)?.Purpose : purpose;
        if (!isNamed) return Refused(named, ReadDecision.ReaderUnknown, ReadCompliance.Violation);
        if (named is null) return Refused(null, ReadDecision.PurposeRequired, ReadCompliance.Violation);
        ReadAccess?[] found = [.. categories.Select(category => AccessTo(role, named, category))];
        if (found.Contains(ReadAccess.Deny)) return Refused(named, ReadDecision.Denied, ReadCompliance.Violation);
        if (found.Contains(null)) return Refused(named, ReadDecision.PurposeNotAllowed, ReadCompliance.Gap);
        return new ReadDecision(named, categories, null, ReadCompliance.Compliant, Version, IsCountOnly: found.Contains(ReadAccess.CountsOnly));
    }

    /// <summary>Decides on a read of what rests on consent: by the rules for the role, then by what the person consents to. The purpose has to be named.</summary>
    /// <param name="role">The caller's role.</param>
    /// <param name="isNamed">Whether the token says who the caller is.</param>
    /// <param name="purpose">The purpose of use, as the caller named it.</param>
    /// <param name="gate">The person's consent.</param>
    /// <param name="now">The current time.</param>
    public ReadDecision Decide(string role, bool isNamed, string? purpose, SubjectGate gate, DateTimeOffset now)
    {
        if (!isNamed) return Refused(purpose, ReadDecision.ReaderUnknown, ReadCompliance.Violation);
        if (string.IsNullOrEmpty(purpose)) return Refused(null, ReadDecision.PurposeRequired, ReadCompliance.Violation);
        ReadRule[] rules = [.. Rules.Where(rule => rule.Role == role && rule.Purpose == purpose)];
        if (rules.Length == 0) return Refused(purpose, ReadDecision.PurposeNotAllowed, ReadCompliance.Gap);

        // One person's data can't be counted without being shown.
        string[] allowed = [.. rules.Where(rule => rule.Access is null or ReadAccess.Allow).SelectMany(rule => rule.Categories)];
        if (allowed.Length == 0) return Refused(purpose, ReadDecision.Denied, ReadCompliance.Violation);
        string[] consented = [.. allowed.Where(category => gate.Permits(purpose, category, DateTimeOffset.MaxValue, null, now))];
        return consented.Length == 0
            ? Refused(purpose, ReadDecision.NoConsent, ReadCompliance.Violation)
            : new ReadDecision(purpose, consented, null, ReadCompliance.Compliant, Version);
    }

    /// <summary>The refusal of a role that the endpoint isn't for, whatever the rules say.</summary>
    /// <param name="purpose">The purpose of use, as the caller named it.</param>
    public ReadDecision RefuseRole(string? purpose) => Refused(purpose, ReadDecision.RoleNotAllowed, ReadCompliance.Violation);

    private ReadAccess? AccessTo(string role, string purpose, string category) =>
        Rules.FirstOrDefault(rule => rule.Role == role && rule.Purpose == purpose && rule.Categories.Contains(category)) is { } rule ? rule.Access ?? ReadAccess.Allow : null;

    // What no rule names may be anything, somebody's name too, and goes nowhere.
    private ReadDecision Refused(string? purpose, string refusal, ReadCompliance compliance) =>
        new(Rules.Any(rule => rule.Purpose == purpose) ? purpose : null, [], refusal, compliance, Version);
}

/// <summary>What became of a wish to read.</summary>
/// <param name="Purpose">The purpose of use; null if none was named that a rule knows.</param>
/// <param name="Categories">What may be shown for it.</param>
/// <param name="Refusal">Why nothing is, a stable word; null if something may be.</param>
/// <param name="Compliance">How the wish stands to the rules.</param>
/// <param name="RulesVersion">The version of the rules.</param>
/// <param name="IsCountOnly">Whether only how many there are may be told.</param>
public sealed record ReadDecision(string? Purpose, IReadOnlyList<string> Categories, string? Refusal, ReadCompliance Compliance, long RulesVersion, bool IsCountOnly = false)
{
    /// <summary>The token doesn't say who reads.</summary>
    public const string ReaderUnknown = "reader-unknown";

    /// <summary>No purpose was named, and the role has no default one.</summary>
    public const string PurposeRequired = "purpose-required";

    /// <summary>No rule speaks of the role, the purpose and the category.</summary>
    public const string PurposeNotAllowed = "purpose-not-allowed";

    /// <summary>A rule says no.</summary>
    public const string Denied = "read-denied";

    /// <summary>The endpoint isn't for the role.</summary>
    public const string RoleNotAllowed = "role-not-allowed";

    /// <summary>A rule allows counts only, and there is nothing to be counted.</summary>
    public const string CountsOnly = "counts-only";

    /// <summary>The person doesn't consent to the purpose, for none of the categories the role may read.</summary>
    public const string NoConsent = "no-consent";

    /// <summary>Whether data of the category, kept for these purposes, may be shown.</summary>
    public bool Shows(string category, IReadOnlyList<string> purposes) => Refusal is null && Categories.Contains(category) && purposes.Contains(Purpose!);
}
