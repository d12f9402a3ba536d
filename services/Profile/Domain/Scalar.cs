using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Personalization.Platform;

namespace Personalization.Profile.Domain;

/// <summary>What a value is, as far as comparing goes.</summary>
public enum ScalarKind
{
    /// <summary>A number.</summary>
    Number,

    /// <summary>A text, or a moment.</summary>
    Text,

    /// <summary>True or false.</summary>
    Boolean,
}

/// <summary>A value that rules compare. A text that is an RFC 3339 time stands for that moment, however it was written; so moments are ordered as texts are.</summary>
[JsonConverter(typeof(ScalarConverter))]
public readonly record struct Scalar
{
    // Beyond this a double no longer tells whole numbers apart.
    private const long ExactUpTo = 1L << 53;

    private Scalar(ScalarKind kind, double number, string text) => (Kind, Number, Text) = (kind, number, text);

    /// <summary>What it is.</summary>
    public ScalarKind Kind { get; }

    /// <summary>Of a number; 1 of true.</summary>
    public double Number { get; }

    /// <summary>Of a text.</summary>
    public string Text { get; }

    /// <summary>A number.</summary>
    public static Scalar Of(double number) => new(ScalarKind.Number, number, "");

    /// <summary>A text.</summary>
    public static Scalar Of(string text) => new(ScalarKind.Text, 0, ReceivedEvent.TimeOf(text) is { } moment ? Json.FormatTime(moment) : text);

    /// <summary>A truth value.</summary>
    public static Scalar Of(bool value) => new(ScalarKind.Boolean, value ? 1 : 0, "");

    /// <summary>A JSON value, or null if it is none that can be compared.</summary>
    public static Scalar? Of(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Number when json.TryGetInt64(out var whole) && whole is > ExactUpTo or < -ExactUpTo =>
            new Scalar(ScalarKind.Number, whole, whole.ToString(CultureInfo.InvariantCulture)),
        JsonValueKind.Number => json.TryGetDouble(out var number) && double.IsFinite(number) ? Of(number) : null,
        JsonValueKind.String => Of(json.GetString()!),
        JsonValueKind.True => Of(true),
        JsonValueKind.False => Of(false),
        _ => null,
    };

    /// <summary>Less than 0, 0 or more; null if the two can't be ordered.</summary>
    public int? CompareTo(Scalar other) => (Kind, other.Kind) switch
    {
        (ScalarKind.Number, ScalarKind.Number) => Number.CompareTo(other.Number),
        (ScalarKind.Text, ScalarKind.Text) => string.CompareOrdinal(Text, other.Text),
        _ => null,
    };

    private sealed class ScalarConverter : JsonConverter<Scalar>
    {
        public override Scalar Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            Of(JsonElement.ParseValue(ref reader)) ?? throw new JsonException("A value is a number, a text, true or false.");

        public override void Write(Utf8JsonWriter writer, Scalar value, JsonSerializerOptions options)
        {
            if (value.Kind == ScalarKind.Text) writer.WriteStringValue(value.Text);
            else if (value.Kind == ScalarKind.Boolean) writer.WriteBooleanValue(value.Number != 0);
            else if (value.Text.Length > 0) writer.WriteRawValue(value.Text);
            else writer.WriteNumberValue(value.Number);
        }
    }
}
