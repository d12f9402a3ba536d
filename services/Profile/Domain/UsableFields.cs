namespace Personalization.Profile.Domain;

/// <summary>
/// What rules and traits of a purpose may ask for: fields declared for the purpose; sensitive ones only where the declaration names the purpose
/// once more, among those that people may be grouped for.
/// </summary>
/// <param name="purpose">The purpose.</param>
/// <param name="types">The declared event types.</param>
public sealed class UsableFields(string purpose, IReadOnlyDictionary<string, EventType> types)
{
    /// <summary>Whether the rule may be evaluated as the event types are declared now: they may have changed since it was accepted.</summary>
    public bool Permit(Rule rule) => rule.Comparisons("").All(pair =>
        !Check(pair.Comparison.Measure!, "").Any() && !CheckComparison(pair.Comparison.Measure!, pair.Comparison.Is!.Value, pair.Comparison.Value!, "").Any());

    /// <summary>Whether categories of data hold all that a rule asks for: each field it names, and of events that it only counts some field.</summary>
    public bool AreShown(Rule rule, Func<string, bool> isShown) => rule.Comparisons("").All(pair => AreShown(pair.Comparison.Measure!, isShown));

    /// <summary>As for a rule.</summary>
    public bool AreShown(Measure measure, Func<string, bool> isShown)
    {
        var categories = CategoriesOf(measure);
        return IsNaming(measure) ? categories.Count > 0 && categories.All(isShown) : categories.Any(isShown);
    }

    /// <summary>The categories of data that a measure takes: those of the fields it names; if it only counts events, those of all that it may know them by.</summary>
    public IReadOnlyList<string> CategoriesOf(Measure measure) =>
        [.. TakenBy(measure).Select(taken => types[taken.Type].Fields[taken.Field].Category).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>The fields that a measure takes: those it names; if it only counts events, all that it may know them by.</summary>
    public IEnumerable<TakenField> TakenBy(Measure measure)
    {
        if (!types.TryGetValue(measure.Event, out var type)) return [];
        var names = IsNaming(measure)
            ? (measure.Where ?? []).Select(condition => condition.Field).Append(measure.Field).OfType<string>().Where(type.Fields.ContainsKey)
            : type.Fields.Where(field => Permit(field.Value)).Select(field => field.Key);
        return names.Select(name => new TakenField(type.Type, name));
    }

    /// <summary>As for a measure.</summary>
    public IEnumerable<TakenField> TakenBy(Rule rule) => rule.Comparisons("").SelectMany(pair => TakenBy(pair.Comparison.Measure!));

    /// <summary>All fields that the purpose may use: what looks at behaviour knows each event by any of them.</summary>
    public IEnumerable<TakenField> All() =>
        types.Values.SelectMany(type => type.Fields.Where(field => Permit(field.Value)).Select(field => new TakenField(type.Type, field.Key)));

    /// <summary>What is wrong with a measure.</summary>
    public IEnumerable<DeclarationError> Check(Measure measure, string path)
    {
        if (!types.TryGetValue(measure.Event, out var type)) return [new($"{path}.event", "No declared event type.")];
        return CheckDeclared(measure, type, path);
    }

    /// <summary>What is wrong with comparing a measure so.</summary>
    public IEnumerable<DeclarationError> CheckComparison(Measure measure, Comparison comparison, Operand value, string path)
    {
        var declared = types.GetValueOrDefault(measure.Event)?.Fields.GetValueOrDefault(measure.Field ?? "")?.Type;
        return measure.Of is MeasureOf.Min or MeasureOf.Max or MeasureOf.Last
            ? declared is { } of ? CheckValue(of, comparison, value, path) : []
            : CheckValue(FieldType.Number, comparison, value, path);
    }

    /// <summary>Whether a field may be asked for.</summary>
    public bool Permit(FieldDeclaration field) => field.Purposes.Contains(purpose)
        && (field.Classification == Classification.Ordinary || field.GroupingPurposes?.Contains(purpose) == true);

    private IEnumerable<DeclarationError> CheckDeclared(Measure measure, EventType type, string path)
    {
        if (!type.Fields.Values.Any(Permit)) yield return new($"{path}.event", "None of its fields may be used for this purpose.");
        switch (measure.Of, measure.Field)
        {
            case (MeasureOf.Count or MeasureOf.DaysSince, not null):
                yield return new($"{path}.field", "Events are counted without a field.");
                break;
            case (MeasureOf.Count or MeasureOf.DaysSince, null):
                break;
            case (_, null):
                yield return new($"{path}.field", "A declared field.");
                break;
            case (_, { } name):
                if (CheckField(type, name, $"{path}.field") is { } wrong) yield return wrong;
                else if (!IsMeasurable(measure.Of, type.Fields[name].Type)) yield return new($"{path}.field", "A field of that type has no such measure.");
                break;
        }

        foreach (var (condition, index) in (measure.Where ?? []).Select((condition, index) => (condition, index)))
        {
            var at = $"{path}.where[{index}]";
            if (CheckField(type, condition.Field, $"{at}.field") is { } wrong) yield return wrong;
            else foreach (var error in CheckValue(type.Fields[condition.Field].Type, condition.Is, condition.Value, at)) yield return error;
        }
    }

    private static bool IsNaming(Measure measure) => measure.Field is not null || measure.Where is not null;

    private DeclarationError? CheckField(EventType type, string name, string path) => type.Fields.GetValueOrDefault(name) switch
    {
        null => new(path, "No declared field of the event type."),
        { } field when !field.Purposes.Contains(purpose) => new(path, "Not declared for this purpose."),
        { } field when !Permit(field) => new(path, "Sensitive, and not declared for grouping people by it for this purpose."),
        _ => null,
    };

    private static IEnumerable<DeclarationError> CheckValue(FieldType type, Comparison comparison, Operand value, string path)
    {
        if (comparison is Comparison.Less or Comparison.AtMost or Comparison.Greater or Comparison.AtLeast && type is FieldType.String or FieldType.Boolean)
            yield return new($"{path}.is", "Only numbers and times are ordered.");
        if (!value.Values.All(one => IsOf(type, one))) yield return new($"{path}.value", "Of another type than what it is compared with.");
    }

    private static bool IsMeasurable(MeasureOf of, FieldType type) => of switch
    {
        MeasureOf.Sum or MeasureOf.Average => type is FieldType.Number or FieldType.Integer,
        MeasureOf.Min or MeasureOf.Max => type is FieldType.Number or FieldType.Integer or FieldType.Time,
        _ => true,
    };

    private static bool IsOf(FieldType type, Scalar value) => type switch
    {
        FieldType.Number or FieldType.Integer => value.Kind == ScalarKind.Number,
        FieldType.Boolean => value.Kind == ScalarKind.Boolean,
        FieldType.Time => value.Kind == ScalarKind.Text && ReceivedEvent.TimeOf(value.Text) is not null,
        _ => value.Kind == ScalarKind.Text,
    };
}
