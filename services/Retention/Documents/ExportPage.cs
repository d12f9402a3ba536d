using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Personalization.Platform.Printing;
using Personalization.Platform.Privacy;
using Personalization.Retention.Domain;

namespace Personalization.Retention.Documents;

/// <summary>An export as a page for people.</summary>
internal static class ExportPage
{
    // The page encodes it for HTML; letters stay letters.
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static PrintDocument Of(ExportDocument export, ExportWords words) => new()
    {
        Language = words.Language,
        Title = words.Title,
        Origin = export.InformationSystem,
        Lead = Text(words.Lead, export.Operator.Name) + (export.IsComplete ? "" : " " + words.Incomplete),
        Footer = Text(words.Footer, export.ExportId),
        PageNumber = words.PageNumber,
        Date = export.MadeAt,
        Blocks =
        [
            .. Missing(export, words),
            .. export.Parts.SelectMany(part => Part(part, words)),
            new PrintHeading(words.About),
            new PrintFields(
            [
                new PrintField(words.CustomerId, export.CustomerId),
                new PrintField(words.SubjectRef, export.SubjectRef, IsCode: true),
                new PrintField(words.Operator, $"{export.Operator.Name}\n{export.Operator.Address}"),
                new PrintField(words.RequestedAt, words.TimeOf(export.RequestedAt)),
                new PrintField(words.MadeAt, words.TimeOf(export.MadeAt)),
            ]),
            new PrintText(words.Note, IsNote: true),
        ],
    };

    private static IEnumerable<PrintBlock> Missing(ExportDocument export, ExportWords words) => export.Missing.Count == 0
        ? []
        : [new PrintHeading(words.Missing), new PrintFields([.. export.Missing.Select(missing => new PrintField(missing.Participant, words.Reasons[missing.Reason]))])];

    private static IEnumerable<PrintBlock> Part(ExportedPart part, ExportWords words)
    {
        yield return new PrintHeading(Text(words.Part, part.Participant));
        if (part.Data.Count == 0) yield return new PrintText(words.Nothing);
        foreach (var store in part.Data.GroupBy(datum => datum.Store))
        {
            yield return new PrintText(part.Stores.TryGetValue(store.Key, out var what) ? words.Of(what) : store.Key);
            yield return new PrintTable(
                [new PrintColumn(words.What, 0.18), new PrintColumn(words.Value, 0.32), new PrintColumn(words.Why, 0.16), new PrintColumn(words.When, 0.16), new PrintColumn(words.Origin, 0.18)],
                [.. store.Select(datum => Row(datum, words))]);
        }

        if (part.Withheld.Count == 0) yield break;
        yield return new PrintText(words.Withheld);
        yield return new PrintTable(
            [new PrintColumn(words.Store, 0.5), new PrintColumn(words.Reason, 0.5)],
            [.. part.Withheld.Select(withheld => new[] { part.Stores.TryGetValue(withheld.Store, out var what) ? words.Of(what) : withheld.Store, words.Of(withheld.Reason) })]);
    }

    private static string[] Row(ExportedDatum datum, ExportWords words) =>
    [
        datum.Name,
        datum.Value.ValueKind == JsonValueKind.String ? datum.Value.GetString()! : JsonSerializer.Serialize(datum.Value, Readable),
        Lines([datum.Category, .. datum.Purposes]),
        Lines([
            datum.Since is { } since ? Text(words.Since, words.TimeOf(since)) : null,
            datum.Until is { } until ? Text(words.Until, words.TimeOf(until)) : null]),
        Lines([datum.From is null ? null : Text(words.From, datum.From), .. datum.UsedBy]),
    ];

    private static string Lines(IEnumerable<string?> lines) => string.Join('\n', lines.OfType<string>());

    private static string Text(string text, string value) => string.Format(CultureInfo.InvariantCulture, text, value);
}
