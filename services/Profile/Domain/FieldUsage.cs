using System.Text.Json.Serialization;
using Personalization.Platform.Storage;

namespace Personalization.Profile.Domain;

/// <summary>Who takes a field's values into account.</summary>
public enum UseKind
{
    /// <summary>A segment whose rule asks for it is declared.</summary>
    Segment,

    /// <summary>A trait is declared that is made of it.</summary>
    Trait,

    /// <summary>Behavioural groups were learnt.</summary>
    Groups,

    /// <summary>Somebody had counted who would belong to a segment.</summary>
    Preview,

    /// <summary>An audience was handed out of a segment whose rule asks for it.</summary>
    Audience,

    /// <summary>It is part of the type's signal, which recommenders learn from.</summary>
    Model,

    /// <summary>Staff were shown it.</summary>
    Staff,
}

/// <summary>A field of an event type that something takes into account.</summary>
public sealed record TakenField(string Type, string Field);

/// <summary>That a field was taken into account.</summary>
/// <param name="Kind">By what.</param>
/// <param name="Name">The segment's or trait's; of the others the purpose, or whatever tells it from others of its kind.</param>
/// <param name="On">The last day (UTC) it was, or stood ready to be whenever data came.</param>
/// <param name="Purpose">What for.</param>
public sealed record FieldUse(UseKind Kind, string Name, DateOnly On, string Purpose);

/// <summary>A field's uses.</summary>
/// <param name="Since">The day it was first declared, or declared for a further purpose: it has had the time since then to be used.</param>
/// <param name="Uses">Each user once.</param>
public sealed record UsedField(DateOnly Since, IReadOnlyList<FieldUse> Uses)
{
    /// <summary>The last day of any use; null: it was never used.</summary>
    [JsonIgnore]
    public DateOnly? LastUsedOn => Uses.Count == 0 ? null : Uses.Max(use => use.On);
}

/// <summary>
/// What takes the fields of an event type into account, and when it last did, by day: about the rules and models there are, and about nobody. One
/// document a type, so that a batch of events finds in the read it makes anyway what isn't used.
/// </summary>
public sealed record FieldUsage : IDocument
{
    /// <summary>What a recommender that learns from signals is called: which ones do is not known here.</summary>
    public const string Recommender = "recommender";

    /// <inheritdoc/>
    [JsonIgnore]
    public string Id => Type;

    /// <summary>The event type.</summary>
    public required string Type { get; init; }

    /// <summary>The last day for which everything declared was looked through. Nothing is known to be unused after it.</summary>
    public DateOnly MeteredOn { get; init; }

    /// <summary>By name; those too that are declared no longer, because their data may be held still.</summary>
    public IReadOnlyDictionary<string, UsedField> Fields { get; init; } = new Dictionary<string, UsedField>();

    /// <summary>With the fields of a declaration. One that is new, or declared for more than before, counts from that day.</summary>
    public FieldUsage Declare(EventType? before, EventType declared, DateOnly today) => this with
    {
        Fields = Fields.Concat(declared.Fields
                .Where(field => !Fields.ContainsKey(field.Key) || field.Value.Purposes.Except(before?.Fields.GetValueOrDefault(field.Key)?.Purposes ?? []).Any())
                .Select(field => KeyValuePair.Create(field.Key, new UsedField(today, Fields.GetValueOrDefault(field.Key)?.Uses ?? []))))
            .GroupBy(field => field.Key).ToDictionary(field => field.Key, field => field.Last().Value),
    };

    /// <summary>With one more use of some fields; the same if it is known.</summary>
    public FieldUsage Use(IEnumerable<string> names, FieldUse use)
    {
        string[] news = [.. names.Distinct().Where(name => Fields.GetValueOrDefault(name)?.Uses.Any(known => IsSame(known) && known.On >= use.On) != true)];
        if (news.Length == 0) return this;
        var fields = Fields.ToDictionary();
        foreach (var name in news)
        {
            var field = fields.GetValueOrDefault(name) ?? new UsedField(use.On, []);
            fields[name] = field with { Uses = [.. field.Uses.Where(known => !IsSame(known)), use] };
        }

        return this with { Fields = fields };

        bool IsSame(FieldUse known) => known with { On = use.On } == use;
    }

    /// <summary>With the uses of a day by everything that is declared.</summary>
    public FieldUsage Meter(IReadOnlyDictionary<string, EventType> types, IEnumerable<Segment> segments, IEnumerable<Trait> traits, string recommenderPurpose, DateOnly today)
    {
        var usage = this with { MeteredOn = today };

        // A rule that isn't borne any more holds for nobody, and is not evaluated.
        foreach (var segment in segments)
        {
            var fields = new UsableFields(segment.Purpose, types);
            if (fields.Permit(segment.Rule)) usage = usage.Use(Named(fields.TakenBy(segment.Rule)), new FieldUse(UseKind.Segment, segment.Id, today, segment.Purpose));
        }

        foreach (var trait in traits)
        {
            var fields = new UsableFields(trait.Purpose, types);
            if (!fields.Check(trait.Measure, "").Any()) usage = usage.Use(Named(fields.TakenBy(trait.Measure)), new FieldUse(UseKind.Trait, trait.Name, today, trait.Purpose));
        }

        return types.GetValueOrDefault(Type) is { Signal: { } signal } type
            ? usage.Use(
                new[] { signal.ItemField, signal.ValueField }.OfType<string>().Where(name => type.Fields[name].Purposes.Contains(recommenderPurpose)),
                new FieldUse(UseKind.Model, Recommender, today, recommenderPurpose))
            : usage;

        IEnumerable<string> Named(IEnumerable<TakenField> taken) => taken.Where(field => field.Type == Type).Select(field => field.Field);
    }

    /// <summary>The declared fields that nothing used for so many days; none while that isn't known for certain.</summary>
    public IReadOnlySet<string> UnusedOf(EventType type, DateOnly today, int days) => MeteredOn < today.AddDays(-1)
        ? new HashSet<string>()
        : type.Fields.Keys.Where(name => IsUnused(name, today, days)).ToHashSet();

    /// <summary>
    /// What took a stored value into account, for the purposes it is kept for, the last use first. It may name more than there was: a rule is in force
    /// for everybody, and of many people groups and previews look at some. What it doesn't name didn't. Who was shown it isn't among them: that is no
    /// matter of the field, but of the person, and on record elsewhere.
    /// </summary>
    /// <param name="field">The value.</param>
    /// <param name="receivedOn">The day it came.</param>
    /// <param name="today">What was once told a model is in it as long as it is kept.</param>
    public IEnumerable<FieldUse> UsesOf(ProfileField field, DateOnly receivedOn, DateOnly today) => (Fields.GetValueOrDefault(field.Name)?.Uses ?? [])
        .Where(use => use.Kind != UseKind.Staff && use.On >= receivedOn && field.Purposes.Contains(use.Purpose))
        .Select(use => use.Kind == UseKind.Model ? use with { On = today } : use)
        .OrderByDescending(use => use.On).ThenBy(use => use.Kind).ThenBy(use => use.Name, StringComparer.Ordinal);

    private bool IsUnused(string name, DateOnly today, int days) =>
        Fields.GetValueOrDefault(name) is { } field && (field.LastUsedOn is { } used && used > field.Since ? used : field.Since).AddDays(days) <= today;
}
