using Personalization.Contracts.Audit;
using Personalization.Platform.Storage;

namespace Personalization.Audit;

/// <summary>What Audit's collections hold.</summary>
internal static class AuditDataMap
{
    public static CollectionContents AuditEntries { get; } = new()
    {
        What = Holds.Text("the audit log: what happened, without saying to whom", "журнал аудита: что произошло, без указания с кем"),
        Data =
        [
            Holds.Data("commitment", "commitment-keys", DataClassification.Pseudonym, Holds.LegalObligation),
            Holds.Data("reader", "staff", DataClassification.Pseudonym, Holds.LegalObligation),
        ],
        Keeping = Holds.ForGood("a log without an entry proves nothing", "журнал без записи ничего не доказывает"),
        NotErasedBecause = Holds.Text("the key goes that its commitment is made with; then nobody can tell whose entry it is", "уничтожается ключ, которым сделано обязательство записи; после этого никто не определит, чья она"),
        NotExportedBecause = Holds.Text("it names nobody and says nothing about the person", "никого не называет и о субъекте ничего не сообщает"),
        ReadBy = ["GET /audit/entries", "GET /audit/entries/{number:long}/proof", "GET /audit/export"],
    };

    public static CollectionContents SubjectReads { get; } = new()
    {
        What = Holds.Text("who was shown somebody's data, so that they can be told", "кому показывали данные субъекта — чтобы сообщить ему об этом"),
        Data = [Holds.Pseudonym(Holds.LegalObligation), Holds.Data("read", "access", DataClassification.Ordinary, Holds.LegalObligation)],
        Keeping = Holds.UntilErased,
        ExportedBy = "POST /exports",
    };

    public static CollectionContents AuditHeads { get; } = Holds.Nobody("the end of the audit log", "конец журнала аудита");

    public static CollectionContents AuditTiles { get; } = Holds.Nobody("nodes of the audit log's Merkle tree", "узлы дерева Меркла журнала аудита");

    public static CollectionContents AuditCheckpoints { get; } = Holds.Nobody("signed ends of the audit log", "подписанные контрольные точки журнала аудита");

    public static CollectionContents Incidents { get; } = Holds.Nobody("incidents with personal data, their deadlines and what was done", "инциденты с персональными данными, их сроки и принятые меры");

    public static CollectionContents KnownDataMaps { get; } = Holds.Nobody("what each service announced that it holds", "что каждый сервис объявил о своих данных");

    public static CollectionContents DataMapChanges { get; } = Holds.Nobody("changes of the services' data maps", "изменения карт данных сервисов") with { DatedBy = "place" };
}
