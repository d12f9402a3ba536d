using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Primitives;
using Personalization.Consent.Domain;
using Personalization.Contracts.Consent;
using Personalization.Platform.Http;

namespace Personalization.Consent.Features;

/// <summary>Why a decision isn't recorded; the slug is stable.</summary>
internal sealed record Refusal(int Status, string Slug, string Title, string? Detail = null)
{
    public ProblemHttpResult ToProblem() => Problems.Of(Status, Slug, Title, Detail);
}

/// <summary>The rules a decision is checked by, for one request and for imports alike.</summary>
internal static partial class Refusals
{
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5);

    public static readonly Refusal UnknownPurpose = new(404, "unknown-purpose", "There is no such purpose.", "GET /purposes lists them.");
    public static readonly Refusal Bundled = new(
        400, "bundled-consent", "Consent is given to one purpose at a time.", "PUT /consents/{customerId}/{purpose} for each purpose, each on its own notice (152-FZ art. 9).");

    public static readonly Refusal NotConsentBased = new(
        409, "not-consent-based", "The purpose does not rest on consent.", "Nobody can grant or refuse it here; its notice says what it rests on and how to object.");

    public static readonly Refusal BadChannel = new(400, "bad-channel", "A channel is 1 to 32 letters, digits or '-'.");
    public static readonly Refusal GpcOptOut = new(
        409, "gpc-opt-out", "The person's browser says that their data is not to be passed on.", "Sec-GPC: 1 came with the request; ask again once the person has turned it off.");

    public static readonly Refusal BadEvidence = new(
        400, "bad-evidence", "The evidence is not an opaque reference.",
        "1 to 128 letters, digits and '. _ : / # -': where a letter is filed, for example. No address, and not ten or more digits in a row, with '-' or '.' between them or without.");

    public static readonly Refusal FutureTime = new(400, "future-time", "The decision's time is in the future.");
    public static readonly Refusal StaleDecision = new(
        412, "stale-decision", "The person narrowed their consent after this was decided.", "Read the consents again, show them, and ask again.");

    public static readonly Refusal BasisRequired = new(
        428, "decision-basis-required", "A grant has to say what it was decided on.", "Send If-Match with the ETag of GET /consents/{customerId}, or decidedAt.");

    public static readonly Refusal OtherImport = new(
        422, "idempotency-key-reused", "The id belongs to another import.", "Lines before the one that was come to are not those that were sent before. Nothing was imported.");

    public static readonly Refusal ImportElsewhere = new(
        409, "import-running", "Another request goes on with the same import.", "Send the same lines again under the same id once it ended.");

    public static Refusal? OfDecision(
        Purpose? purpose, ConsentDecision decision, int noticeVersion, string language, string channel, IReadOnlyList<string>? categories, DateTimeOffset? decidedAt, DateTimeOffset now)
    {
        if (OfNotice(purpose, noticeVersion, language, channel) is { } refusal) return refusal;
        if (decision is not (ConsentDecision.Granted or ConsentDecision.Denied))
            return new(400, "bad-decision", "A decision is granted or denied.", "A revocation is a DELETE; expiry is not decided by anyone.");
        if (decision == ConsentDecision.Granted && categories is { Count: 0 }) return new(400, "no-categories", "A grant names at least one category, or none at all for every one.");
        if (decision == ConsentDecision.Denied && categories is not null) return new(400, "unexpected-categories", "A refusal is of the whole purpose.");
        if (categories?.Except(purpose!.Categories).Any() == true) return new(400, "unknown-category", "The purpose does not use one of these categories.");
        return OfFutureTime(decidedAt, now);
    }

    public static Refusal? OfFutureTime(DateTimeOffset? decidedAt, DateTimeOffset now) => decidedAt > now + ClockTolerance ? FutureTime : null;

    /// <summary>Of a reference to where the proof of a decision made elsewhere is. Its letters leave out e-mail addresses; so many digits are a telephone, a document or a card.</summary>
    public static Refusal? OfEvidence(string evidence) =>
        evidence.Length is > 0 and <= 128 && evidence.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or ':' or '/' or '#' or '-') && !TenDigits().IsMatch(evidence) ? null : BadEvidence;

    public static Refusal? OfNotice(Purpose? purpose, int noticeVersion, string language, string channel)
    {
        if (purpose is null) return UnknownPurpose;
        if (!purpose.IsConsentBased) return NotConsentBased;
        if (noticeVersion != purpose.NoticeVersion) return new(409, "stale-notice", "The notice has a newer version.", "Show the current notice and ask again.");
        if (purpose.NoticeIn(language) is null) return new(400, "unknown-language", "There is no notice in that language.");
        return channel.Length is 0 or > 32 || !channel.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') ? BadChannel : null;
    }

    /// <summary>Of a decision that names the record of its notice's having been served.</summary>
    public static Refusal? OfServedNotice(ServedNotice? served, string purpose, int noticeVersion, string language, DateTimeOffset decidedAt)
    {
        if (served is null) return new(400, "unknown-served-notice", "There is no record of that notice's having been served.", "POST /purposes/{id}/served makes one; it is kept for some weeks.");
        return (served.Purpose, served.NoticeVersion, served.Language) == (purpose, noticeVersion, language) && served.ServedAt <= decidedAt + ClockTolerance
            ? null
            : new(409, "other-served-notice", "The decision was not made on the notice that was served.", "Purpose, version and language are those served, and it was served before.");
    }

    public static Refusal? OfStaleGrant(ConsentRecord record, StringValues ifMatch, DateTimeOffset? decidedAt)
    {
        if (ifMatch.Count > 0)
        {
            return ifMatch.Count == 1 && ConsentETag.Parse(ifMatch[0]!) is { } seen && seen >= record.NarrowedVersion && seen <= record.Version ? null : StaleDecision;
        }

        return decidedAt is null ? BasisRequired : OfStaleTime(record, decidedAt.Value);
    }

    public static Refusal? OfStaleTime(ConsentRecord record, DateTimeOffset decidedAt) => decidedAt <= record.NarrowedAt ? StaleDecision : null;

    [GeneratedRegex("[0-9]([.-]*[0-9]){9}")]
    private static partial Regex TenDigits();
}
