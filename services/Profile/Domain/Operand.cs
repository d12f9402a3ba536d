using System.Text.Json;
using System.Text.Json.Serialization;

namespace Personalization.Profile.Domain;

/// <summary>What a value is compared with: one value, or a list of them.</summary>
/// <param name="Values">At least one.</param>
/// <param name="IsList">Whether it was written as a list.</param>
[JsonConverter(typeof(OperandConverter))]
public sealed record Operand(IReadOnlyList<Scalar> Values, bool IsList)
{
    /// <summary>Whether the comparison holds.</summary>
    public bool Holds(Scalar value, Comparison comparison) => comparison switch
    {
        Comparison.In => Values.Contains(value),
        Comparison.Equal => value == Values[0],
        Comparison.NotEqual => value != Values[0],
        Comparison.Less => value.CompareTo(Values[0]) < 0,
        Comparison.AtMost => value.CompareTo(Values[0]) <= 0,
        Comparison.Greater => value.CompareTo(Values[0]) > 0,
        _ => value.CompareTo(Values[0]) >= 0,
    };

    /// <summary>As it was written, or null if it holds anything but values.</summary>
    public static Operand? Of(JsonElement json)
    {
        var isList = json.ValueKind == JsonValueKind.Array;
        Scalar?[] values = isList ? [.. json.EnumerateArray().Select(Scalar.Of)] : [Scalar.Of(json)];
        return values.Length > 0 && values.All(value => value is not null) ? new Operand([.. values.OfType<Scalar>()], isList) : null;
    }

    private sealed class OperandConverter : JsonConverter<Operand>
    {
        public override Operand Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            Of(JsonElement.ParseValue(ref reader)) ?? throw new JsonException("A value, or a list of values.");

        public override void Write(Utf8JsonWriter writer, Operand value, JsonSerializerOptions options)
        {
            if (value.IsList) JsonSerializer.Serialize(writer, value.Values, options);
            else JsonSerializer.Serialize(writer, value.Values[0], options);
        }
    }
}
