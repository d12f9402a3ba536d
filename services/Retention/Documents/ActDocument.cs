using System.Globalization;
using Personalization.Contracts.Retention;
using Personalization.Platform.Printing;
using Personalization.Platform.Privacy;
using Personalization.Retention.Domain;

namespace Personalization.Retention.Documents;

/// <summary>A certificate, or those of a day, as the act of destruction and the log export of Roskomnadzor's order 179.</summary>
internal static class ActDocument
{
    public static PrintDocument Of(ErasureCertificate certificate, ActWords words)
    {
        var signature = certificate.Signature!;
        return new PrintDocument
        {
            Language = words.Language,
            Title = words.Title,
            Origin = certificate.InformationSystem,
            Lead = Text(words.Lead, certificate.Operator.Name),
            Footer = Text(words.Footer, certificate.CaseId),
            PageNumber = words.PageNumber,
            Date = certificate.CompletedAt,
            Blocks =
            [
                .. Parties(certificate.Operator, certificate.Processor, words),

                new PrintHeading(words.Subject),
                new PrintFields(Subject(certificate, words)),
                new PrintText(words.SubjectNote, IsNote: true),

                new PrintHeading(words.Destroyed),
                .. Erased(certificate, words),
                .. Retained(certificate, words),

                new PrintHeading(words.Destruction),
                new PrintFields(
                [
                    new PrintField(words.System, certificate.InformationSystem),
                    new PrintField(words.Paper, words.NoPaper),
                    new PrintField(words.Reason, words.ReasonOf(certificate.Reason, certificate.Order)),
                    new PrintField(words.OpenedAt, words.TimeOf(certificate.OpenedAt)),
                    new PrintField(words.Date, words.TimeOf(certificate.CompletedAt)),
                ]),
                .. Executor(certificate.Executor, words),

                new PrintHeading(words.Scan),
                new PrintTable(
                    [new PrintColumn(words.Service, 0.3), new PrintColumn(words.Searched, 0.5), new PrintColumn(words.Found, 0.2)],
                    [
                        .. from receipt in certificate.Receipts
                           from place in receipt.Residual
                           select new[] { receipt.Participant, place.Searched, Number(place.Found) },
                    ]),

                new PrintHeading(words.Log),
                Log(words, certificate.Receipts.Select(receipt => new[]
                {
                    certificate.CustomerId ?? certificate.SubjectRef,
                    Categories(receipt.Erased.Select(data => data.Category), words),
                    $"{certificate.InformationSystem}: {receipt.Participant}",
                    words.ReasonOf(certificate.Reason, certificate.Order),
                    words.TimeOf(receipt.ErasedAt),
                })),
                new PrintFields(
                [
                    new PrintField(words.CaseId, certificate.CaseId, IsCode: true),
                    new PrintField(words.MerkleRoot, certificate.MerkleRoot, IsCode: true),
                    new PrintField(words.SignedBy, signature.KeyId),
                    new PrintField(words.Signature, signature.Value, IsCode: true),
                ]),
                new PrintText(words.VerifyNote, IsNote: true),
                new PrintText(words.LegalNote, IsNote: true),
            ],
        };
    }

    public static PrintDocument Of(ErasureAct act, ActWords words)
    {
        var midnight = new DateTimeOffset(act.Day, TimeOnly.MinValue, TimeSpan.Zero);
        var methods = act.Entries.SelectMany(entry => entry.Methods).Distinct().Order(StringComparer.Ordinal).Select(words.MethodOf);
        return new PrintDocument
        {
            Language = words.Language,
            Title = Text(words.DayTitle, words.DateOf(midnight)),
            Origin = act.InformationSystem,
            Lead = Text(words.Lead, act.Operator.Name) + " " + Text(words.DayCount, act.Entries.Count),
            Footer = Text(words.Footer, act.Day.ToString("O", CultureInfo.InvariantCulture)),
            PageNumber = words.PageNumber,
            Date = midnight,
            Blocks =
            [
                .. Parties(act.Operator, act.Processor, words),
                new PrintHeading(words.Destruction),
                new PrintFields(
                [
                    new PrintField(words.System, act.InformationSystem),
                    new PrintField(words.Paper, words.NoPaper),
                    new PrintField(words.Method, string.Join('\n', methods) is { Length: > 0 } used ? used : words.Nothing),
                    new PrintField(words.Date, words.DateOf(midnight)),
                    new PrintField(words.MerkleRoot, act.MerkleRoot, IsCode: true),
                ]),
                .. Executor(act.Executor, words),
                new PrintHeading(words.Log),
                Log(words, act.Entries.Select(entry => new[]
                {
                    entry.CaseId is null ? entry.SubjectRef : $"{entry.CustomerId ?? entry.SubjectRef}\n{entry.CaseId}",
                    Categories(entry.Categories, words),
                    act.InformationSystem,
                    words.ReasonOf(entry.Reason, entry.Order),
                    words.TimeOf(entry.CompletedAt),
                })),
                new PrintText(words.SubjectNote, IsNote: true),
                new PrintText(words.LegalNote, IsNote: true),
            ],
        };
    }

    private static IEnumerable<PrintBlock> Parties(CertificateParty @operator, CertificateParty? processor, ActWords words) =>
    [
        new PrintHeading(words.Parties),
        new PrintFields(
        [
            new PrintField(words.OperatorName, @operator.Name),
            new PrintField(words.OperatorAddress, @operator.Address),
            new PrintField(words.Processor, processor is null ? words.NoProcessor : $"{processor.Name}\n{processor.Address}"),
        ]),
    ];

    private static IReadOnlyList<PrintField> Subject(ErasureCertificate certificate, ActWords words) =>
    [
        .. certificate.CustomerId is { } customerId ? [new PrintField(words.CustomerId, customerId)] : (PrintField[])[],
        new PrintField(words.SubjectRef, certificate.SubjectRef),
    ];

    private static IEnumerable<PrintBlock> Erased(ErasureCertificate certificate, ActWords words)
    {
        var erased = (from receipt in certificate.Receipts from data in receipt.Erased select (receipt.Participant, Data: data)).ToArray();
        yield return erased.Length == 0
            ? new PrintText(words.NothingHeld)
            : new PrintTable(
                [new PrintColumn(words.Service, 0.36), new PrintColumn(words.Categories, 0.26), new PrintColumn(words.Method, 0.24), new PrintColumn(words.Count, 0.14)],
                [
                    .. erased.Select(row => new[]
                    {
                        $"{row.Participant}: {row.Data.Store}", words.CategoryOf(row.Data.Category), words.MethodOf(row.Data.Method), Number(row.Data.Count),
                    }),
                ]);
    }

    private static IEnumerable<PrintBlock> Retained(ErasureCertificate certificate, ActWords words)
    {
        var retained = (from receipt in certificate.Receipts from data in receipt.Retained select data).ToArray();
        if (retained.Length == 0) yield break;
        yield return new PrintHeading(words.Retained);
        yield return new PrintTable(
            [new PrintColumn(words.RetainedCategory, 0.26), new PrintColumn(words.Basis, 0.46), new PrintColumn(words.Until, 0.28)],
            [.. retained.Select(data => new[] { words.CategoryOf(data.Category), Basis(data, words), data.Until is { } until ? words.DateOf(until) : "—" })]);
    }

    private static IEnumerable<PrintBlock> Executor(CertificateExecutor? executor, ActWords words) =>
    [
        new PrintHeading(words.Executor),
        executor is null
            ? new PrintBlanks([new PrintBlank(words.ExecutorName), new PrintBlank(words.ExecutorPosition)])
            : new PrintFields([new PrintField(words.ExecutorName, executor.Name), new PrintField(words.ExecutorPosition, executor.Position)]),
        new PrintSignatures(words.Signatures),
    ];

    private static PrintTable Log(ActWords words, IEnumerable<string[]> rows) => new(
        [
            new PrintColumn(words.LogSubject, 0.22), new PrintColumn(words.LogCategories, 0.2), new PrintColumn(words.LogSystem, 0.18),
            new PrintColumn(words.LogReason, 0.2), new PrintColumn(words.LogDate, 0.2),
        ],
        [.. rows]);

    private static string Categories(IEnumerable<string> categories, ActWords words) =>
        string.Join(", ", categories.Distinct().Select(words.CategoryOf)) is { Length: > 0 } named ? named : words.Nothing;

    private static string Basis(RetainedData data, ActWords words) => $"{RetainedReasons.In(words.Language, data.Reason)} ({Number(data.Count)})";

    private static string Number(long count) => count.ToString(CultureInfo.InvariantCulture);

    private static string Text(string format, params object[] values) => string.Format(CultureInfo.InvariantCulture, format, values);
}
