using Microsoft.Extensions.Options;
using Personalization.Contracts.Audit;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Retention.Domain;

namespace Personalization.Retention;

/// <summary>What Retention's collections hold; and, to complete the map, the retention rules and who processes for the operator.</summary>
internal sealed class RetentionDataMap(IOptions<RetentionOptions> options) : IDataMapCompletion
{
    private const string En = "from its completion: Roskomnadzor's order 179, p. 8";
    private const string Ru = "с завершения дела: приказ Роскомнадзора № 179, п. 8";

    public static CollectionContents ErasureCases { get; } = new()
    {
        What = Holds.Text("erasure cases from their cause to the last receipt", "дела об уничтожении от причины до последней квитанции"),
        Data = [Holds.Pseudonym(Holds.LegalObligation), Holds.Data("customer-id", "customer-id", DataClassification.DirectIdentifier, Holds.LegalObligation)],
        Keeping = Holds.For("P3Y", En, Ru),
        NotErasedBecause = Holds.Text("the proof of the erasure, sealed with a key of the case that outlives the subject's", "доказательство уничтожения, зашифровано ключом дела, который переживает ключ субъекта"),
        ExportedBy = "POST /exports",
        ReadBy = ["GET /erasures", "GET /erasures/{caseId}"],
    };

    public static CollectionContents ErasureDemands { get; } = new()
    {
        What = Holds.Text("demands to be forgotten that have no case yet", "требования об уничтожении, по которым ещё нет дела"),
        Data = [Holds.Pseudonym(Holds.LegalObligation), Holds.Data("customer-id", "customer-id", DataClassification.DirectIdentifier, Holds.LegalObligation)],
        Keeping = Holds.Until("until there is a case: at once, or when Consent answers again", "до появления дела: сразу или когда снова отвечает сервис согласий"),
        NotErasedBecause = Holds.Text("it is what the erasure begins with; sealed with a key of its own, which goes with it", "с него начинается уничтожение; зашифровано собственным ключом, который уничтожается вместе с ним"),
        NotExportedBecause = Holds.Text("becomes the erasure case, which is given", "становится делом об уничтожении, которое выдаётся"),
    };

    public static CollectionContents ErasureCertificates { get; } = ErasureCases with
    {
        What = Holds.Text("acts and logs of completed cases", "акты и выгрузки из журнала по завершённым делам"),
        NotErasedBecause = Holds.Text("the proof of the erasure, as the case; deleted with it after three years", "доказательство уничтожения, как и дело; удаляется вместе с ним через три года"),
        ExportedBy = null,
        NotExportedBecause = Holds.Text("made of the erasure case, which is given", "составлен по делу об уничтожении, которое выдаётся"),
        ReadBy = ["GET /erasures/{caseId}/certificate", "GET /erasures/act"],
        DatedBy = "completed",
    };

    public static CollectionContents ErasureActLines { get; } = new()
    {
        What = Holds.Text("what ended by the retention rules, by person and day, for the act of the day", "что уничтожено по истечении сроков хранения, по субъектам и дням, для акта за день"),
        Data = [Holds.Pseudonym(Holds.LegalObligation)],
        Keeping = Holds.For("P3Y", "from the day: Roskomnadzor's order 179, p. 8", "со дня уничтожения: приказ Роскомнадзора № 179, п. 8"),
        NotErasedBecause = Holds.Text("the proof that the data was destroyed: a pseudonym and categories", "доказательство уничтожения: псевдоним и категории"),
        NotExportedBecause = Holds.Text("says only that data ended when the person was told it would", "сообщает лишь, что данные уничтожены в названный субъекту срок"),
        ReadBy = ["GET /erasures/act"],
    };

    public static CollectionContents Objections { get; } = new()
    {
        What = Holds.Text("objections and what was answered", "возражения и ответы на них"),
        Data =
        [
            Holds.Pseudonym(Holds.LegalObligation),
            Holds.Data("customer-id", "customer-id", DataClassification.DirectIdentifier, Holds.LegalObligation),
            Holds.Data("statement", "objection", DataClassification.Ordinary, Holds.LegalObligation),
        ],
        Keeping = Holds.For("P3Y", "from the answer: so long the operator has to show that it was given", "со дня ответа: столько оператор должен подтверждать, что он дан"),
        NotErasedBecause = Holds.Text(
            "the person is owed an answer, whatever they permit; sealed with a key of its own, which goes with it", "субъект имеет право на ответ независимо от согласий; зашифровано собственным ключом, который уничтожается вместе с ним"),
        ExportedBy = "GET /objections/{objectionId}",
        ReadBy = ["GET /objections/{objectionId}", "GET /objections"],
    };

    public static CollectionContents LegalHolds { get; } = new()
    {
        What = Holds.Text("legal holds: whose data of which categories is kept, why and until when", "запреты на уничтожение: чьи данные каких категорий сохраняются, почему и до какого срока"),
        Data = [Holds.Pseudonym(Holds.LegalObligation), Holds.Data("customer-id", "customer-id", DataClassification.DirectIdentifier, Holds.LegalObligation)],
        Keeping = Holds.For("P3Y", "from its end: so long the operator has to show why data was kept", "с окончания запрета: столько оператор должен подтверждать, почему данные сохранялись"),
        NotErasedBecause = Holds.Text("it is the reason why something isn't erased; sealed with a key of its own, which goes with it", "это основание, по которому данные не уничтожены; зашифровано собственным ключом, который уничтожается вместе с ним"),
        NotExportedBecause = Holds.Text("telling of it could defeat the inquiry it is for; the certificate says what is kept", "сообщение о нём может помешать разбирательству; сохранённое указано в акте"),
        ReadBy = ["GET /legal-holds", "LegalHoldsChanged"],
    };

    public static CollectionContents LegalHoldVersions { get; } = new()
    {
        What = Holds.Text("how often somebody's legal holds changed", "сколько раз менялись запреты на уничтожение данных субъекта"),
        Data = [Holds.Pseudonym(Holds.LegalObligation)],
        Keeping = Holds.ForGood("a number must not come again, or an older state would pass for the newer", "номер не должен повториться, иначе старое состояние будет принято за новое"),
        NotErasedBecause = Holds.Text("a pseudonym and a number; without it an ended hold could come back", "псевдоним и номер; без него снятый запрет мог бы вернуться"),
        NotExportedBecause = Holds.Text("a number that says nothing about the person", "номер, ничего не говорящий о субъекте"),
    };

    public static CollectionContents RefusedReceipts { get; } = Holds.Nobody(
        "that a receipt was refused, of which case, and why; nothing of the message but a digest", "что квитанция отклонена, по какому делу и почему; от сообщения только хеш");

    public static CollectionContents ExportCases { get; } = new()
    {
        What = Holds.Text("that somebody asked for what is held of them, and when they were answered", "запросы субъектов о своих данных и время ответа"),
        Data = [Holds.Pseudonym(Holds.LegalObligation)],
        Keeping = Holds.For("P3Y", "from its end: so long the operator has to show that it was answered", "с завершения: столько оператор должен подтверждать, что ответил"),
        NotErasedBecause = Holds.Text("the proof that the person was answered; nothing of what was exported is in it", "доказательство, что субъекту ответили; самих выгруженных данных в нём нет"),
        NotExportedBecause = Holds.Text("GET /exports/{exportId} shows it", "показывает GET /exports/{exportId}"),
        ReadBy = ["GET /exports/{exportId}"],
    };

    public static CollectionContents PendingExports { get; } = new()
    {
        What = Holds.Text("what an export that is being collected is sealed and encrypted with", "ключи и пароль собираемой выгрузки"),
        Data = [Holds.Pseudonym(Holds.LegalObligation), Holds.Data("customer-id", "customer-id", DataClassification.DirectIdentifier, Holds.LegalObligation)],
        Keeping = Holds.Until("until the export is made or cancelled: seconds as a rule, the deadline at the latest", "пока выгрузка не составлена или не отменена: обычно секунды, самое позднее — до срока ответа"),
        NotErasedBecause = Holds.Text("the erasure of a person cancels their export, and this goes with it", "уничтожение данных субъекта отменяет выгрузку, и это удаляется вместе с ней"),
        NotExportedBecause = Holds.Text("keys say nothing about the person", "ключи ничего не сообщают о субъекте"),
    };

    public static CollectionContents ExportPieces { get; } = new()
    {
        What = Holds.Text("exports that are being collected or wait to be fetched", "выгрузки, которые собираются или ждут получения"),
        Data = [Holds.Pseudonym(Holds.LegalObligation), Holds.Data("export", "export", DataClassification.DirectIdentifier, Holds.LegalObligation)],
        Keeping = Holds.For("P7D", "from when it is ready; no longer than until it is fetched", "с готовности выгрузки; не дольше, чем до её получения"),
        NotErasedBecause = Holds.Text("the erasure of a person cancels their export, and this goes with it", "уничтожение данных субъекта отменяет выгрузку, и это удаляется вместе с ней"),
        NotExportedBecause = Holds.Text("it is the export itself", "это и есть выгрузка"),
        ReadBy = ["GET /exports/{exportId}/archive"],
    };

    public static CollectionContents RetentionRules { get; } = Holds.Nobody("how long data is kept, per purpose and category", "сколько хранятся данные, по целям и категориям");

    public static CollectionContents RetentionRuleVersions { get; } = Holds.Nobody("every version of the retention rules, with who changed them and why", "все версии сроков хранения: кто и почему их изменил");

    public async Task<DataMapAnnounced> CompleteAsync(DataMapAnnounced map, DocumentSession session, CancellationToken cancellationToken)
    {
        var period = $"P{options.Value.KeepCertificatesYears}Y";
        map = map with
        {
            RetentionRules = (await session.LoadAsync<RetentionRules>(Domain.RetentionRules.Only, cancellationToken) ?? Domain.RetentionRules.None).Rules,
            Parties = options.Value.Processor is { } processor ? [new MappedParty { Role = "processor", Name = processor.Name, Address = processor.Address }] : null,
        };
        return map.With("erasure_cases", Lasting).With("erasure_certificates", Lasting).With("erasure_act_lines", Lasting).With("export_cases", Lasting).With("objections", Lasting).With("legal_holds", Lasting)
            .With("export_pieces", contents => contents with { Keeping = contents.Keeping! with { Period = $"P{options.Value.ExportLinkDays}D" } });

        CollectionContents Lasting(CollectionContents contents) => contents with { Keeping = contents.Keeping! with { Period = period } };
    }
}
