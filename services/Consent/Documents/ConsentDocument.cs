using System.Globalization;
using Personalization.Consent.Domain;
using Personalization.Contracts.Consent;
using Personalization.Platform.Printing;

namespace Personalization.Consent.Documents;

/// <summary>
/// A receipt as the document of 152-FZ art. 9 p. 4. What identifies the person is left blank for the operator to fill in: it isn't held here.
/// </summary>
internal static class ConsentDocument
{
    public static PrintDocument Of(ConsentReceipt receipt, IReadOnlyDictionary<string, PurposeVersion> versions, string publicUrl, ConsentWords words)
    {
        var first = receipt.Processing[0];
        var controller = first.PiiControllers[0];
        var own = OwnEvents(receipt, first)[^1];
        var kind = KindOf(receipt);
        return new PrintDocument
        {
            Language = words.Language,
            Title = words.Titles[kind],
            Origin = first.Service,
            Lead = Text(words.Leads[kind], controller.PartyName),
            Footer = Text(words.Footer, receipt.ReceiptId),
            PageNumber = words.PageNumber,
            Date = own.EventTime,
            Blocks =
            [
                new PrintHeading(words.Subject),
                new PrintBlanks([new PrintBlank(words.FullName), new PrintBlank(words.Address, 2), new PrintBlank(words.IdDocument, 2)]),
                new PrintText(Text(words.BlanksNote, receipt.PiiPrincipalId), IsNote: true),

                new PrintHeading(words.Representative),
                new PrintBlanks([new PrintBlank(words.FullName), new PrintBlank(words.Address), new PrintBlank(words.IdDocument, 2), new PrintBlank(words.Authorization)]),

                new PrintHeading(words.Controller),
                new PrintFields(Controller(controller, words)),

                .. receipt.Processing.SelectMany(processing => Purpose(processing, versions[processing.Purpose].Purpose, words)),

                new PrintHeading(words.NoticeHeading),
                .. receipt.Processing.SelectMany(processing => Notice(processing, words)),
                new PrintSignatures(words.Signatures),

                new PrintHeading(words.RecordHeading),
                new PrintFields(Record(receipt, own, words)),

                .. receipt.Processing.Where(processing => processing.Events.Count > 1).SelectMany(processing => History(processing, versions[processing.Purpose].Purpose, words)),

                new PrintText(Text(words.VerifyNote, $"{publicUrl.TrimEnd('/')}/.well-known/jwks.json"), IsNote: true),
                new PrintText(Text(words.ComplaintNote, first.AuthorityParty.PartyName, first.AuthorityParty.PartyAddress, first.AuthorityParty.PartyContact), IsNote: true),
            ],
        };
    }

    /// <summary>What the document is: of several things that one decision did, the one that asks most of the reader.</summary>
    private static ConsentEventState KindOf(ConsentReceipt receipt)
    {
        var states = receipt.Processing.SelectMany(processing => OwnEvents(receipt, processing)).Select(happened => happened.EventState).ToHashSet();
        if (states.Contains(ConsentEventState.Given) || states.Contains(ConsentEventState.Reaffirmed)) return ConsentEventState.Given;
        ConsentEventState[] others = [ConsentEventState.Withdrawn, ConsentEventState.Invalidated, ConsentEventState.Expired, ConsentEventState.Refused];
        return others.First(states.Contains);
    }

    private static ReceiptEvent[] OwnEvents(ConsentReceipt receipt, ReceiptProcessing processing) =>
        [.. processing.Events.Where(happened => happened.ReceiptId == receipt.ReceiptId)];

    private static IReadOnlyList<PrintField> Controller(ReceiptParty controller, ConsentWords words)
    {
        string?[] contacts = [controller.PartyContact, controller.PartyEmail, controller.PartyPhone, controller.PartyUrl?.ToString()];
        return
        [
            new PrintField(words.ControllerName, controller.PartyName),
            new PrintField(words.Address, controller.PartyAddress),
            new PrintField(words.Contact, string.Join('\n', contacts.OfType<string>().Distinct())),
        ];
    }

    private static IEnumerable<PrintBlock> Purpose(ReceiptProcessing processing, Purpose purpose, ConsentWords words)
    {
        yield return new PrintHeading(Text(words.PurposeHeading, TitleOf(processing, purpose, words)));
        var kept = processing.RetentionPeriod.ToDictionary(period => period.PiiType, period => period);
        yield return new PrintTable(
            [new PrintColumn(words.Data, 0.46), new PrintColumn(words.Decision, 0.27), new PrintColumn(words.Kept, 0.27)],
            [
                .. processing.PiiInformation.Select(pii => new[]
                {
                    pii.SensitivePiiCategory ? Text(words.Sensitive, purpose.NameOf(pii.PiiType, words.Language)) : purpose.NameOf(pii.PiiType, words.Language),
                    words.States[pii.State],
                    pii.State != ConsentDecision.Granted ? "—" : words.KeptOf(kept[pii.PiiType].From, DaysOf(kept[pii.PiiType])),
                }),
            ]);

        var granted = processing.PiiInformation.Where(pii => pii.State == ConsentDecision.Granted).ToArray();
        var rows = new List<PrintField>();
        if (granted.Length > 0)
        {
            var transfers = processing.RecipientThirdParties.Count > 0;
            rows.Add(new PrintField(words.Actions, transfers ? $"{words.Operations}; {words.Transfer}" : words.Operations));
            rows.Add(new PrintField(words.Means, words.Automated));
            rows.Add(new PrintField(words.Processors, Names(processing, ReceiptRecipient.Processor) ?? words.NoProcessors));
            rows.Add(new PrintField(words.Recipients, Names(processing, ReceiptRecipient.Recipient) ?? words.NoRecipients));
            rows.Add(new PrintField(words.Term, string.Join('\n', granted.Select(pii => pii.ValidUntil is { } until ? Text(words.Until, words.TimeOf(until)) : words.UntilWithdrawn).Distinct())));
            rows.Add(new PrintField(words.Withdrawal, Text(words.WithdrawalText, processing.WithdrawalMethod.Page)));
        }

        if (processing.PiiInformation.Any(pii => pii.State is ConsentDecision.Revoked or ConsentDecision.Expired)) rows.Add(new PrintField(words.AfterEnd, words.AfterEndText));
        if (rows.Count > 0) yield return new PrintFields(rows);
    }

    private static IEnumerable<PrintBlock> Notice(ReceiptProcessing processing, ConsentWords words)
    {
        var notice = processing.PrivacyNotice;
        yield return new PrintQuote(notice.Title, notice.Text, processing.Language == words.Language ? null : processing.Language);
        yield return new PrintFields(
        [
            new PrintField(words.NoticeVersion, Text(
                words.NoticeVersionOf, notice.Version, words.DateOf(notice.PublishedAt), words.Languages.GetValueOrDefault(processing.Language, processing.Language))),
            new PrintField(words.NoticeHash, notice.Sha256, IsCode: true),
        ]);
    }

    private static List<PrintField> Record(ConsentReceipt receipt, ReceiptEvent own, ConsentWords words)
    {
        var rows = new List<PrintField>
        {
            new(words.ReceiptId, receipt.ReceiptId, IsCode: true),
            new(words.DecidedAt, words.TimeOf(own.EventTime)),
            new(words.RecordedAt, words.TimeOf(own.RecordedAt)),
            new(words.Channel, words.Channels.GetValueOrDefault(own.Channel, own.Channel)),
        };
        if (own.Evidence is { } evidence) rows.Add(new PrintField(words.Evidence, evidence));
        rows.Add(new PrintField(words.LedgerHash, receipt.LedgerHash, IsCode: true));
        return rows;
    }

    private static IEnumerable<PrintBlock> History(ReceiptProcessing processing, Purpose purpose, ConsentWords words)
    {
        yield return new PrintHeading(Text(words.HistoryHeading, TitleOf(processing, purpose, words)));
        yield return new PrintTable(
            [new PrintColumn(words.Time, 0.34), new PrintColumn(words.Happened, 0.24), new PrintColumn(words.Data, 0.26), new PrintColumn(words.Version, 0.16)],
            [
                .. processing.Events.Select(happened => new[]
                {
                    words.TimeOf(happened.EventTime),
                    words.Events[happened.EventState],
                    string.Join(", ", happened.PiiTypes.Select(type => purpose.NameOf(type, words.Language))),
                    happened.NoticeVersion.ToString(CultureInfo.InvariantCulture),
                }),
            ]);
    }

    private static string TitleOf(ReceiptProcessing processing, Purpose purpose, ConsentWords words) => purpose.NoticeIn(words.Language)?.Title ?? processing.PrivacyNotice.Title;

    private static string? Names(ReceiptProcessing processing, string role) =>
        processing.RecipientThirdParties.Where(party => party.PartyRole == role).Select(party => party.PartyName).ToArray() is { Length: > 0 } names ? string.Join('\n', names) : null;

    private static int DaysOf(ReceiptRetention period) => int.Parse(period.Duration.AsSpan()[1..^1], CultureInfo.InvariantCulture);

    private static string Text(string format, params object[] values) => string.Format(CultureInfo.InvariantCulture, format, values);
}
