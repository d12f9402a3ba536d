using System.Globalization;
using System.Text;
using Personalization.Audit.Domain;
using Personalization.Contracts.Audit;
using Personalization.Contracts.Retention;
using Personalization.Platform.Printing;

namespace Personalization.Audit.Documents;

/// <summary>The record of processing to print, and as a table.</summary>
internal static class DataMapDocument
{
    private const string CsvHeader =
        "service,region,store,collection,what,data,category,classification,purposes,lawfulBasis,keptDays,kept,encryption,erased,givenToPerson,readBy,documents,oldestOn,expiresNextOn,description\r\n";

    public static PrintDocument Of(DataMap map, DataMapWords words, DateTimeOffset now) => new()
    {
        Language = words.Language,
        Title = words.Title,
        Origin = map.Parties.FirstOrDefault(party => party.Role == "operator")?.Name ?? "Personalization",
        Lead = Text(words.Lead, string.Join(", ", map.Services.Select(service => service.Name))),
        Footer = Text(words.Footer, now),
        PageNumber = words.PageNumber,
        Date = now,
        Blocks =
        [
            .. map.Awaiting.Count == 0 ? (PrintBlock[])[] : [new PrintText(Text(words.Incomplete, string.Join(", ", map.Awaiting)))],

            new PrintHeading(words.Parties),
            new PrintFields(
            [
                .. map.Parties.Select(party => new PrintField(
                    words.Roles.GetValueOrDefault(party.Role, party.Role), string.Join('\n', new[] { party.Name, party.Address, party.Contact }.OfType<string>()))),
                new PrintField(words.Regions, Listed(PlacesOf(map), words)),
                new PrintField(words.Subjects, words.SubjectsAre),
            ]),

            new PrintHeading(words.Purposes),
            new PrintTable(
                [new PrintColumn(words.Purpose, 0.28), new PrintColumn(words.Basis, 0.18), new PrintColumn(words.Categories, 0.3), new PrintColumn(words.Recipients, 0.24)],
                [.. map.Purposes.Select(purpose => RowOf(purpose, map, words))]),

            .. map.Services.SelectMany(service => BlocksOf(service, map, words)),

            new PrintHeading(words.Measures),
            new PrintText(words.MeasuresAre),
        ],
    };

    /// <summary>A line for each kind of data, and one for each collection that holds none.</summary>
    public static string Csv(DataMap map, DataMapWords words)
    {
        var csv = new StringBuilder(CsvHeader);
        foreach (var service in map.Services)
        {
            foreach (var entry in service.Collections)
            {
                foreach (var data in entry.Contents.Data.DefaultIfEmpty())
                {
                    csv.AppendJoin(',', new[]
                    {
                        service.Name, service.Region, entry.Store, entry.Name, words.InLanguage(entry.Contents.What), data?.Name, data?.Category,
                        data is null ? null : words.Classifications[data.Classification], data is null ? null : string.Join(' ', data.Purposes),
                        data is null ? null : string.Join(' ', map.BasesOf(data)), data is null ? null : Number(map.DaysOf(data)),
                        data is null ? null : words.KeptFor(entry.Contents), entry.Encryption, data is null ? null : words.ErasedHow(entry),
                        data is null ? null : words.GivenBy(entry.Contents), string.Join("; ", entry.Contents.ReadBy ?? []), Number(entry.Documents),
                        Day(entry.OldestOn), Day(entry.ExpiresNextOn), data?.Description,
                    }.Select(Cell)).Append("\r\n");
                }
            }
        }

        return csv.ToString();
    }

    private static string[] RowOf(MappedPurpose purpose, DataMap map, DataMapWords words) =>
    [
        $"{purpose.Titles.GetValueOrDefault(words.Language) ?? purpose.Titles.Values.FirstOrDefault() ?? purpose.Id}\n{purpose.Id}",
        words.BasisOf(purpose.LawfulBasis),
        string.Join('\n', purpose.Categories.Select(category =>
            map.RetentionRules.FirstOrDefault(rule => rule.Purpose == purpose.Id && rule.Category == category) is { } rule ? Kept(rule, words) : Text(words.NoRule, category))),
        Listed(purpose.Recipients.Concat(purpose.Processors), words),
    ];

    private static string Kept(RetentionRule rule, DataMapWords words)
    {
        var used = Text(words.DaysFrom(rule.From), rule.Category, rule.KeepDays);
        return rule.FreezeDays is { } days ? Text(words.Frozen, used, days, rule.LegalBasis ?? "") : used;
    }

    private static IEnumerable<PrintBlock> BlocksOf(MappedService service, DataMap map, DataMapWords words)
    {
        yield return new PrintHeading(Text(words.Service, service.Name, service.Region));
        yield return new PrintText(Text(words.Announced, service.AnnouncedAt.UtcDateTime, service.Fingerprint), IsNote: true);
        foreach (var entry in service.Collections.Where(entry => entry.Contents.Data.Count > 0))
        {
            yield return new PrintFields(
            [
                new PrintField(entry.Name, words.InLanguage(entry.Contents.What)),
                new PrintField(words.Data, string.Join('\n', entry.Contents.Data.Select(data => LineOf(data, map, words)))),
                new PrintField(words.Kept, words.KeptFor(entry.Contents)),
                new PrintField(words.Protection, words.Encryptions[entry.Encryption]),
                new PrintField(words.Erased, words.ErasedHow(entry)),
                new PrintField(words.Given, words.GivenBy(entry.Contents)),
                new PrintField(words.Reads, entry.Contents.ReadBy is { } ways ? string.Join('\n', ways) : words.Alone),
                new PrintField(words.Documents, HowMany(entry, words)),
            ]);
        }

        yield return new PrintTable(
            [new PrintColumn(words.Impersonal, 0.35), new PrintColumn("", 0.5), new PrintColumn(words.Documents, 0.15)],
            [.. service.Collections.Where(entry => entry.Contents.Data.Count == 0).Select(entry => new[] { entry.Name, words.InLanguage(entry.Contents.What), Number(entry.Documents) ?? "" })]);
    }

    // A deployment's region may be called as the country that purposes name.
    private static IEnumerable<string> PlacesOf(DataMap map) => map.Purposes.SelectMany(purpose => purpose.StorageLocations)
        .Concat(map.Services.Select(service => service.Region)).Distinct(StringComparer.OrdinalIgnoreCase);

    private static string LineOf(HeldData data, DataMap map, DataMapWords words) => string.Join("; ", new[]
    {
        data.Description is null ? data.Name : $"{data.Name} ({data.Description})",
        data.Category,
        words.Classifications[data.Classification],
        data.Purposes.Count == 0 ? null : string.Join(", ", data.Purposes),
        string.Join(", ", map.BasesOf(data).Select(words.BasisOf)),
        map.DaysOf(data) is { } days ? $"P{days}D" : null,
    }.Where(part => !string.IsNullOrEmpty(part)));

    private static string HowMany(DataMapEntry entry, DataMapWords words) => string.Join("; ", new[]
    {
        Number(entry.Documents),
        entry.OldestOn is { } oldest ? Text(words.Oldest, oldest) : null,
        entry.ExpiresNextOn is { } next ? Text(words.Expires, next) : null,
    }.OfType<string>());

    private static string Listed(IEnumerable<string> names, DataMapWords words) => string.Join(", ", names.Distinct()) is { Length: > 0 } list ? list : words.None;

    private static string Text(string format, params object?[] values) => string.Format(CultureInfo.InvariantCulture, format, values);

    private static string? Number(long? number) => number?.ToString(CultureInfo.InvariantCulture);

    private static string? Day(DateOnly? day) => day?.ToString("O", CultureInfo.InvariantCulture);

    // What somebody declared must not become a formula in whichever program opens the table.
    private static string Cell(string? text) => text switch
    {
        null => "",
        ['=' or '+' or '-' or '@' or '\t', ..] => Cell("'" + text),
        _ => text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text,
    };
}
