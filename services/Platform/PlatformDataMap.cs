using Personalization.Contracts.Audit;
using Personalization.Platform.Storage;

namespace Personalization.Platform;

/// <summary>What the collections hold that every service has.</summary>
internal static class PlatformDataMap
{
    public static CollectionContents OutboxEntries { get; } = new()
    {
        What = Holds.Text("messages between the services that the broker hasn't confirmed yet", "сообщения между сервисами, ещё не подтверждённые брокером"),
        Data = [Holds.Pseudonym(Holds.Consent), Holds.Data("message", "message", DataClassification.Ordinary, Holds.Consent)],
        Keeping = Holds.Until("until the broker confirms it, seconds as a rule; a service with an older one isn't ready", "до подтверждения брокером, обычно секунды; сервис с более старым сообщением не считается готовым"),
        NotErasedBecause = Holds.Text("a message with more than a pseudonym is sealed and goes with the person; the others go when they are sent", "сообщение, в котором больше псевдонима, зашифровано и удаляется вместе с данными субъекта; остальные удаляются после отправки"),
        NotExportedBecause = Holds.Text("a copy of what the service holds, on its way", "копия данных сервиса, находящаяся в пути"),
        DatedBy = "created",
    };

    public static CollectionContents InboxEntries { get; } =
        Holds.Nobody("ids of messages that were handled", "идентификаторы обработанных сообщений") with { DatedBy = "received" };

    public static CollectionContents IdempotentRequests { get; } =
        Holds.Nobody("keyed hashes of requests that were carried out, and how they were answered", "ключевые хеши выполненных запросов и ответы на них") with { DatedBy = "answered" };

    public static CollectionContents ConsentPositions { get; } =
        Holds.Nobody("up to which number the consent stream was applied", "номер, до которого применён поток согласий");

    public static CollectionContents ErasureRecords { get; } =
        Holds.Nobody("what was erased for which case, in numbers", "что уничтожено по какому делу, в числах");

    public static CollectionContents ErasurePositions { get; } =
        Holds.Nobody("up to which place the erasure sequence was carried out", "место, до которого выполнена последовательность уничтожений");

    public static CollectionContents KeyPositions { get; } =
        Holds.Nobody("how far erasures and decisions had come, to tell data restored from an older copy", "до какого места дошли уничтожения и решения: так распознаётся восстановление из более старой копии");

    public static CollectionContents SubjectGates { get; } = new()
    {
        What = Holds.Text("this service's own copy of what each person permits: each use of data asks it", "собственная копия разрешений каждого субъекта: с ней сверяется каждое использование данных"),
        Data = [Holds.Pseudonym(Holds.LegalObligation), Holds.Data("grants", "consent", DataClassification.Ordinary, Holds.LegalObligation)],
        Keeping = Holds.ForGood("after an erasure a pseudonym, a version and an epoch are left, and keep what was erased from coming back", "после уничтожения остаются псевдоним, версия и эпоха: они не дают уничтоженному вернуться"),
        NotErasedBecause = Holds.Text("it is what keeps erased data from coming back; what was granted goes", "именно она не даёт уничтоженному вернуться; сведения о разрешениях удаляются"),
        NotExportedBecause = Holds.Text("a copy of what GET /consents/{customerId} gives", "копия того, что выдаёт GET /consents/{customerId}"),
    };

    public static CollectionContents ReadRules { get; } =
        Holds.Nobody("which role may read which categories for which purpose", "какая роль какие категории может читать для какой цели");

    public static CollectionContents DataKeys { get; } = new()
    {
        What = Holds.Text("the keys that documents about a person are sealed with, one per person and epoch", "ключи, которыми зашифрованы документы о субъекте: по одному на субъекта и эпоху"),
        Data = [Holds.Pseudonym(Holds.LegitimateInterests)],
        Keeping = Holds.ForGood("the key goes with the person; a mark without it stays, so that it is never made again", "ключ уничтожается вместе с данными субъекта; остаётся отметка без ключа, чтобы он не был создан вновь"),
        NotErasedBecause = Holds.Text("the mark says that the key was destroyed; nothing is left that it could open", "отметка сообщает, что ключ уничтожен; открыть им больше нечего"),
        NotExportedBecause = Holds.Text("keys say nothing about the person", "ключи ничего не сообщают о субъекте"),
    };
}
