using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;
using Personalization.Contracts.Profile;
using Personalization.Platform.Privacy;

namespace Personalization.Profile.Domain;

/// <summary>An event whose attributes were checked, its customer id turned into a ref.</summary>
/// <param name="SubjectRef">The subject's pseudonym.</param>
/// <param name="CustomerId">For the identity vault only.</param>
/// <param name="EventId">A keyed hash of subject, source and id: the same for every delivery.</param>
/// <param name="Source">The publishing system.</param>
/// <param name="Type">The <c>type</c> attribute.</param>
/// <param name="Time">When it happened, UTC.</param>
/// <param name="Data">An object.</param>
public sealed record ReceivedEvent(string SubjectRef, string CustomerId, string EventId, string Source, string Type, DateTimeOffset Time, JsonElement Data)
{
    internal const int LongestId = 256;
    internal const int LongestSource = 512;
    private const int MostMembers = 200;
    private const string NotAnObject = "not-an-object";
    private const string BadText = "bad-text";

    /// <summary>What brought it, where that isn't the current activity: a unit of work takes events of many traces.</summary>
    public Activity? Cause { get; init; }

    /// <summary>Checks a CloudEvent in structured JSON.</summary>
    /// <param name="json">The event.</param>
    /// <param name="refs">Turns customer ids into refs.</param>
    /// <param name="refused">Why it isn't one; a stable word.</param>
    public static ReceivedEvent? Parse(JsonElement json, SubjectRefs refs, out string? refused)
    {
        refused = json.ValueKind != JsonValueKind.Object ? NotAnObject : IsReadable(json) ? null : BadText;
        if (refused is not null) return null;
        return Parse(
            new CustomerEvent
            {
                SpecVersion = Text("specversion"),
                Id = Text("id"),
                Source = Text("source"),
                Type = Text("type"),
                Subject = Text("subject"),
                Time = TimeOf(Text("time")) ?? default,
                Data = json.TryGetProperty("data", out var data) ? data : default,
            },
            refs, out refused);

        string Text(string attribute) => json.TryGetProperty(attribute, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
    }

    /// <summary>The event, to be counted: with its type and source as far as they can be read.</summary>
    public static CountedEvent Counted(JsonElement json, EventDecision decision)
    {
        return decision.Reason is NotAnObject or BadText
            ? new CountedEvent(null, null, decision)
            : new CountedEvent(Text("type"), Text("source") is { } source && IsSource(source) ? source : null, decision);

        string? Text(string attribute) => json.TryGetProperty(attribute, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
    }

    /// <summary>Checks an event from the bus.</summary>
    public static ReceivedEvent? Parse(CustomerEvent message, SubjectRefs refs, out string? refused)
    {
        refused = message switch
        {
            { SpecVersion: not "1.0" } => "bad-specversion",
            { Id: not { Length: > 0 and <= LongestId } } => "bad-id",
            _ when !IsSource(message.Source) => "bad-source",
            _ when !EventTypeDeclaration.IsTypeName(message.Type) => "bad-type",
            // Before the form, which excludes some of them too: the publisher is told what is really wrong.
            { Subject.Length: <= LongestId } when DirectIdentifier.IsIn(message.Subject) => EventDecision.DirectIdentifier,
            _ when !SubjectRefs.IsCustomerId(message.Subject) => "bad-subject",
            _ when message.Time == default => "bad-time",
            { Data.ValueKind: not JsonValueKind.Object } => "bad-data",
            _ when message.Data.GetPropertyCount() > MostMembers => "bad-data",
            _ when !IsReadable(message.Data) => BadText,
            _ => null,
        };
        if (refused is not null) return null;
        var subject = refs.Of(message.Subject);
        return new ReceivedEvent(
            subject, message.Subject, refs.Blind(subject, message.Source, message.Id), message.Source, message.Type, message.Time.ToUniversalTime(), message.Data);
    }

    /// <summary>Whether it can be a <c>source</c> attribute.</summary>
    internal static bool IsSource(string? text) => text is { Length: > 0 and <= LongestSource } && Uri.IsWellFormedUriString(text, UriKind.RelativeOrAbsolute);

    /// <summary>An RFC 3339 time, or null. One without an offset would mean whatever zone this machine is in.</summary>
    internal static DateTimeOffset? TimeOf(string? text) =>
        text is { Length: >= 20 and <= 40 } && text[10] is 'T' or 't' && (text[^1] is 'Z' or 'z' || (text[^6] is '+' or '-' && text[^3] == ':'))
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : null;

    /// <summary>JSON can spell half a character: that is no text, can't be stored, and would take everything in the same write with it.</summary>
    internal static bool IsReadable(JsonElement json)
    {
        var raw = JsonMarshal.GetRawUtf8Value(json);
        if (!Utf8.IsValid(raw)) return false;
        if (raw.IndexOf("\\u"u8) < 0) return true;
        try
        {
            using var writer = new Utf8JsonWriter(Stream.Null);
            json.WriteTo(writer);
            return true;
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException)
        {
            return false;
        }
    }
}
