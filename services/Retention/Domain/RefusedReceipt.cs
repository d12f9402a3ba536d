using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using Personalization.Platform;
using Personalization.Platform.Storage;

namespace Personalization.Retention.Domain;

/// <summary>
/// What came as a receipt and isn't one. Of the message itself only its digest is kept: whoever writes to the bus could put anybody's data in it, and
/// what was genuine comes again, because the case is sent until it is answered.
/// </summary>
public sealed partial record RefusedReceipt : IDocument
{
    /// <summary>Lower-case hex SHA-256 of the message: the same one again is no second one.</summary>
    public required string Id { get; init; }

    /// <summary>The case it names, if it can be one.</summary>
    public string? CaseId { get; init; }

    /// <summary>The participant it names, if there is such.</summary>
    public string? Participant { get; init; }

    /// <summary>What is wrong, as <see cref="Contracts.Retention.ErasureReceiptRefused.Problem"/> has it.</summary>
    public required string Problem { get; init; }

    /// <summary>When it came first, UTC.</summary>
    public required DateTimeOffset RefusedAt { get; init; }

    /// <summary>The newest first.</summary>
    public static string OrderOf(DateTimeOffset refusedAt, string id) => Json.FormatNumber(DateTimeOffset.MaxValue.Ticks - refusedAt.UtcTicks) + "/" + id;

    /// <summary>What can be told of a message, in MassTransit's envelope or plain.</summary>
    public static RefusedReceipt Of(ReadOnlyMemory<byte> body, string problem, IReadOnlyCollection<string> participants, DateTimeOffset now)
    {
        var message = Read(body);
        var caseId = Text(message, "caseId");
        var participant = Text(message, "participant");
        return new RefusedReceipt
        {
            // Without the envelope, which says anew with each sending when and from where.
            Id = Convert.ToHexStringLower(SHA256.HashData(message is { } json ? JsonMarshal.GetRawUtf8Value(json) : body.Span)),
            CaseId = caseId is not null && CaseIdForm().IsMatch(caseId) ? caseId : null,
            Participant = participant is not null && participants.Contains(participant) ? participant : null,
            Problem = problem,
            RefusedAt = now,
        };
    }

    private static JsonElement? Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            var json = JsonElement.Parse(body.Span);
            return json.ValueKind == JsonValueKind.Object && json.TryGetProperty("messageType", out _) && json.TryGetProperty("message", out var inner) ? inner : json;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement? message, string member)
    {
        try
        {
            return message is { ValueKind: JsonValueKind.Object } json && json.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair: no string can hold it.
            return null;
        }
    }

    [GeneratedRegex("^er_[0-9a-f]{32}$")]
    private static partial Regex CaseIdForm();
}
