using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Personalization.Platform;

/// <summary>The one JSON form: documents, HTTP bodies and signed messages.</summary>
public static class Json
{
    /// <summary>camelCase, nulls left out, enums as camelCase words, times as <see cref="FormatTime"/>, at most 16 levels deep.</summary>
    public static JsonSerializerOptions Options { get; } = Configure(new JsonSerializerOptions());

    /// <summary>Applies the same settings to options that somebody else made.</summary>
    public static JsonSerializerOptions Configure(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.DictionaryKeyPolicy = null;
        options.PropertyNameCaseInsensitive = false;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.RespectRequiredConstructorParameters = true;
        options.RespectNullableAnnotations = true;
        options.MaxDepth = 16;
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
        options.Converters.Add(new UtcTimeConverter());
        return options;
    }

    /// <summary>UTC with seven fraction digits, so that the order of the text is the order of the times.</summary>
    public static string FormatTime(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);

    /// <summary>19 digits, so that the order of the text is the order of the numbers (which must not be negative).</summary>
    public static string FormatNumber(long number) => number.ToString("D19", CultureInfo.InvariantCulture);

    private sealed class UtcTimeConverter : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String && HasOffset(ref reader) && reader.TryGetDateTimeOffset(out var time)
                ? time.ToUniversalTime()
                : throw new JsonException("A time is an ISO 8601 date-time with an offset.");

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(FormatTime(value));

        // Without one the reader takes the zone of the machine it happens to run on.
        private static bool HasOffset(ref Utf8JsonReader reader) =>
            (reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan) is [.., (byte)'Z'] or [.., (byte)'+' or (byte)'-', _, _, (byte)':', _, _];
    }
}
