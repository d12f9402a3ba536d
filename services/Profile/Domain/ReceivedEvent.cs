using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Personalization.Contracts.Profile;
using Personalization.Platform.Privacy;

namespace Personalization.Profile.Domain;

/// <summary>An event whose attributes were checked, its customer id turned into a ref.</summary>
/// <param name="SubjectRef">The subject's pseudonym.</param>
/// <param name="CustomerId">For the identity vault only.</param>
/// <param name="EventId">A hash of subject, source and id: the same for every delivery.</param>
/// <param name="Source">The publishing system.</param>
/// <param name="Type">The <c>type</c> attribute.</param>
/// <param name="Time">When it happened, UTC.</param>
/// <param name="Data">An object.</param>
public sealed record ReceivedEvent(string SubjectRef, string CustomerId, string EventId, string Source, string Type, DateTimeOffset Time, JsonElement Data)
{
    private const int Longest = 512;

    /// <summary>Checks the attributes of a CloudEvent in structured JSON.</summary>
    /// <param name="json">The event.</param>
    /// <param name="refs">Turns customer ids into refs.</param>
    /// <param name="refused">Why it isn't one; a stable word.</param>
    public static ReceivedEvent? Parse(JsonElement json, SubjectRefs refs, out string? refused)
    {
        refused = null;
        if (json.ValueKind != JsonValueKind.Object) refused = "not-an-object";
        else if (Text(json, "specversion") != "1.0") refused = "bad-specversion";
        else if (Text(json, "id") is null) refused = "bad-id";
        else if (Text(json, "source") is null) refused = "bad-source";
        else if (Text(json, "type") is null) refused = "bad-type";
        else if (!SubjectRefs.IsCustomerId(Text(json, "subject"))) refused = "bad-subject";
        else if (!json.TryGetProperty("time", out var time) || time.ValueKind != JsonValueKind.String || !time.TryGetDateTimeOffset(out _)) refused = "bad-time";
        else if (!json.TryGetProperty("data", out var data) || data.ValueKind != JsonValueKind.Object) refused = "bad-data";
        if (refused is not null) return null;
        return Of(
            Text(json, "id")!, Text(json, "source")!, Text(json, "type")!, Text(json, "subject")!, json.GetProperty("time").GetDateTimeOffset(), json.GetProperty("data"), refs);
    }

    /// <summary>Checks the attributes of an event from the bus.</summary>
    public static ReceivedEvent? Parse(CustomerEvent message, SubjectRefs refs, out string? refused)
    {
        refused = message switch
        {
            { SpecVersion: not "1.0" } => "bad-specversion",
            _ when !IsText(message.Id) => "bad-id",
            _ when !IsText(message.Source) => "bad-source",
            _ when !IsText(message.Type) => "bad-type",
            _ when !SubjectRefs.IsCustomerId(message.Subject) => "bad-subject",
            _ when message.Time == default => "bad-time",
            { Data.ValueKind: not JsonValueKind.Object } => "bad-data",
            _ => null,
        };
        return refused is null ? Of(message.Id, message.Source, message.Type, message.Subject, message.Time, message.Data, refs) : null;
    }

    private static ReceivedEvent Of(string id, string source, string type, string customerId, DateTimeOffset time, JsonElement data, SubjectRefs refs)
    {
        var subject = refs.Of(customerId);
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{subject}\n{source}\n{id}"));
        return new ReceivedEvent(subject, customerId, Base64Url.EncodeToString(hash.AsSpan(0, 16)), source, type, time.ToUniversalTime(), data);
    }

    private static string? Text(JsonElement json, string member) =>
        json.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String && IsText(value.GetString()) ? value.GetString() : null;

    private static bool IsText(string? value) => value is { Length: > 0 and <= Longest };
}
