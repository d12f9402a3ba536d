using System.Globalization;
using Personalization.Audit.Domain;
using Personalization.Contracts.Audit;
using Personalization.Platform.Printing;

namespace Personalization.Audit.Documents;

/// <summary>An incident as the authority is told of it.</summary>
internal static class IncidentDocument
{
    public static PrintDocument Of(Incident incident, MappedParty? @operator, IncidentWords words) => new()
    {
        Language = words.Language,
        Title = words.Title,
        Origin = @operator?.Name ?? "Personalization",
        Lead = incident.What,
        Footer = string.Format(CultureInfo.InvariantCulture, words.Footer, incident.Id),
        PageNumber = words.PageNumber,
        Date = incident.RecordedAt,
        Blocks =
        [
            new PrintFields(
            [
                new PrintField(words.Operator, @operator is null ? words.Unknown : string.Join('\n', new[] { @operator.Name, @operator.Address, @operator.Contact }.OfType<string>())),
                new PrintField(words.Contact, incident.Contact ?? words.SeeOperator),
                new PrintField(words.NoticedAt, words.TimeOf(incident.NoticedAt)),
                new PrintField(words.Causes, incident.Causes ?? words.Unknown),
                new PrintField(words.Harm, incident.Harm ?? words.Unknown),
                new PrintField(words.Measures, incident.Measures.Count == 0 ? words.Unknown : string.Join('\n', incident.Measures)),
                new PrintField(words.Inquiry, incident.Inquiry ?? words.Unknown),
            ]),
            new PrintHeading(words.Data),
            new PrintFields(
            [
                new PrintField(words.Categories, string.Join('\n', incident.Categories)),
                new PrintField(words.Subjects, incident.SubjectsAtMost is { } most ? most.ToString(CultureInfo.InvariantCulture) : words.Unknown),
            ]),
            new PrintTable(
                [new PrintColumn(words.Where, 0.25), new PrintColumn(words.What, 0.35), new PrintColumn(words.Encryption, 0.2), new PrintColumn(words.Count, 0.2)],
                [
                    .. incident.Affected.Select(collection => new[]
                    {
                        $"{collection.Service}: {collection.Collection}", $"{words.Of(collection.What)}\n{string.Join(", ", collection.Categories)}",
                        words.Encryptions.GetValueOrDefault(collection.Encryption, collection.Encryption), collection.Documents is { } count ? $"{count.ToString(CultureInfo.InvariantCulture)}\n{words.TimeOf(collection.CountedAt)}" : words.Unknown,
                    }),
                ]),
            new PrintText(words.SubjectsNote, IsNote: true),
            new PrintHeading(words.Notices),
            new PrintTable(
                [new PrintColumn(words.Notice, 0.4), new PrintColumn(words.DueAt, 0.2), new PrintColumn(words.SentAt, 0.2), new PrintColumn(words.Reference, 0.2)],
                [.. incident.Notices.Select(notice => new[]
                {
                    words.NoticeNames[notice.Notice], words.TimeOf(notice.DueAt), notice.SentAt is { } sent ? words.TimeOf(sent) : words.NotSent, notice.Reference ?? "",
                })]),
            new PrintText(words.LegalNote, IsNote: true),
        ],
    };
}
