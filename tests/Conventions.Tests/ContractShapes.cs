using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Personalization.Contracts;
using Personalization.Platform;

namespace Personalization.Conventions.Tests;

/// <summary>The contracts as they are on the wire: JSON schemas made from the serializer's own view of the types.</summary>
internal static class ContractShapes
{
    private static readonly JsonSerializerOptions Wire = Ready(Json.Options);

    /// <summary>Messages of the system, by name.</summary>
    public static IReadOnlyList<Type> Messages { get; } =
        [.. Topology.Subscriptions.Select(subscription => subscription.Message).Distinct().OrderBy(type => type.Name, StringComparer.Ordinal)];

    /// <summary>Messages and everything they are made of, by name.</summary>
    public static IReadOnlyList<Type> All { get; } = [.. Reachable(Messages).OrderBy(type => type.Name, StringComparer.Ordinal)];

    /// <summary>The schema of a contract; other contracts in it are references to <c>#/components/schemas</c>.</summary>
    /// <param name="type">A record or an enum of the contracts.</param>
    /// <param name="describe">What to say of a type or a property; null: nothing.</param>
    public static JsonObject Of(Type type, Func<MemberInfo, string?>? describe = null)
    {
        var schema = new JsonObject();
        Describe(schema, describe?.Invoke(type));
        if (type.IsEnum)
        {
            schema["type"] = "string";
            schema["enum"] = new JsonArray([.. Enum.GetValues(type).Cast<object>().Select(value => JsonSerializer.SerializeToNode(value, type, Wire))]);
            return schema;
        }

        var properties = new JsonObject();
        foreach (var property in Properties(type))
        {
            var value = SchemaOf(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType);
            // Beside a reference nothing else counts.
            var text = describe?.Invoke(Member(property));
            properties[property.Name] = text is not null && value.ContainsKey("$ref")
                ? new JsonObject { ["description"] = text, ["allOf"] = new JsonArray(value) }
                : Describe(value, text);
        }

        schema["type"] = "object";
        schema["properties"] = properties;
        var required = Properties(type).Where(property => property.IsRequired).Select(property => (JsonNode?)property.Name).ToArray();
        if (required.Length > 0) schema["required"] = new JsonArray(required);
        return schema;
    }

    /// <summary>Rules of a contract's shape that it breaks.</summary>
    public static IEnumerable<string> Flaws(Type type)
    {
        if (type.IsEnum) yield break;
        if (type.GetMethod("<Clone>$") is null || !type.IsSealed) yield return $"{type.Name}: no sealed record";
        foreach (var property in Properties(type))
        {
            var member = Member(property);
            if (member.SetMethod?.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) != true) yield return $"{type.Name}.{member.Name}: not init";
            if (!property.IsRequired && !IsNullable(member) && !IsFixed(member)) yield return $"{type.Name}.{member.Name}: neither required nor nullable";
        }
    }

    /// <summary>What of a recorded shape a newer one takes away from those who read or write the older.</summary>
    public static IEnumerable<string> Breaks(string name, JsonObject recorded, JsonObject now)
    {
        var required = Names(recorded["required"]).ToHashSet();
        foreach (var (property, before) in recorded["properties"]?.AsObject() ?? [])
        {
            if (now["properties"]?[property] is not { } after) yield return $"{name}.{property} is gone";
            else if (!JsonNode.DeepEquals(before, after)) yield return $"{name}.{property} has another type";
            else if (required.Contains(property) != Names(now["required"]).Contains(property)) yield return $"{name}.{property} is required or not, other than before";
        }

        foreach (var property in Names(now["required"]).Where(property => recorded["properties"]?[property] is null)) yield return $"{name}.{property} is new and not nullable";
        foreach (var value in Names(recorded["enum"]).Except(Names(now["enum"]))) yield return $"{name}: the value {value} is gone";
    }

    public static IEnumerable<JsonPropertyInfo> Properties(Type type) => Wire.GetTypeInfo(type).Properties.Where(property => property is { IsExtensionData: false, Get: not null });

    // Asked for types before it has serialized anything.
    private static JsonSerializerOptions Ready(JsonSerializerOptions options)
    {
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }

    private static IEnumerable<string> Names(JsonNode? array) => array?.AsArray().Select(value => (string)value!) ?? [];

    private static PropertyInfo Member(JsonPropertyInfo property) => (PropertyInfo)property.AttributeProvider!;

    private static bool IsNullable(PropertyInfo member) => new NullabilityInfoContext().Create(member).ReadState == NullabilityState.Nullable;

    // CloudEvents fixes the value, so no publisher has to give it.
    private static bool IsFixed(PropertyInfo member) => member is { Name: "SpecVersion", DeclaringType.Name: "CustomerEvent" };

    private static JsonObject Describe(JsonObject schema, string? text)
    {
        if (text is not null) schema["description"] = text;
        return schema;
    }

    private static HashSet<Type> Reachable(IEnumerable<Type> types)
    {
        var found = new HashSet<Type>();
        var open = new Queue<Type>(types);
        while (open.TryDequeue(out var type))
        {
            if (!found.Add(type) || type.IsEnum) continue;
            foreach (var property in Properties(type))
            {
                var value = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
                foreach (var part in value.GetGenericArguments().Append(value).Where(IsContract)) open.Enqueue(part);
            }
        }

        return found;
    }

    private static bool IsContract(Type type) => type.Assembly == typeof(Topology).Assembly;

    private static JsonObject SchemaOf(Type type) => type switch
    {
        _ when IsContract(type) => new JsonObject { ["$ref"] = $"#/components/schemas/{type.Name}" },
        _ when type == typeof(string) => new JsonObject { ["type"] = "string" },
        _ when type == typeof(bool) => new JsonObject { ["type"] = "boolean" },
        _ when type == typeof(int) => new JsonObject { ["type"] = "integer", ["format"] = "int32" },
        _ when type == typeof(long) => new JsonObject { ["type"] = "integer", ["format"] = "int64" },
        _ when type == typeof(double) => new JsonObject { ["type"] = "number", ["format"] = "double" },
        _ when type == typeof(DateTimeOffset) => new JsonObject { ["type"] = "string", ["format"] = "date-time" },
        _ when type == typeof(DateOnly) => new JsonObject { ["type"] = "string", ["format"] = "date" },
        _ when type == typeof(Guid) => new JsonObject { ["type"] = "string", ["format"] = "uuid" },
        _ when type == typeof(JsonElement) => [],
        _ when type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) =>
            new JsonObject { ["type"] = "array", ["items"] = SchemaOf(type.GetGenericArguments()[0]) },
        _ when type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>) =>
            new JsonObject { ["type"] = "object", ["additionalProperties"] = SchemaOf(type.GetGenericArguments()[1]) },
        _ => throw new NotSupportedException($"A contract has a {type.Name}. Say here what it is on the wire, or use another type."),
    };
}
