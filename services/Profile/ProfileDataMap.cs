using Personalization.Contracts.Audit;
using Personalization.Contracts.Profile;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile;

/// <summary>What Profile's collections hold; and, to complete the map, what people have declared: event types, contact types, segments.</summary>
internal sealed class ProfileDataMap : IDataMapCompletion
{
    private const string CustomerId = "customer-id";

    public static CollectionContents EventTypes { get; } = Holds.Nobody("what product services may send, field by field", "что могут присылать продуктовые сервисы, по полям");

    public static CollectionContents EventTypeVersions { get; } = Holds.Nobody("every version of the event types", "все версии типов событий");

    public static CollectionContents EventCounts { get; } = Holds.Nobody("counts of events that aren't added to their days yet", "числа событий, ещё не прибавленные к своим дням");

    public static CollectionContents DailyEventCounts { get; } = Holds.Nobody("events per type, publisher and day, in numbers", "события по типам, источникам и дням, в числах") with { DatedBy = "day" };

    public static CollectionContents AdoptedRetentionRules { get; } = Holds.Nobody("the retention rules as Retention announced them", "сроки хранения, объявленные сервисом Retention");

    public static CollectionContents ProfileData { get; } = new()
    {
        What = Holds.Text("what customers did, event by event, as far as it is declared and they consent", "действия клиентов по событиям — в объявленных пределах и с их согласия"),
        Data = [Holds.Pseudonym(Holds.Consent)],
        Keeping = Holds.ByRetentionRules,
        ExportedBy = "GET /profiles/{customerId}",
        ReadBy = ["GET /profiles/{customerId}", nameof(SignalRecorded)],
    };

    public static CollectionContents IdentityVaultEntries { get; } = new()
    {
        What = Holds.Text("the way back from a pseudonym to the caller's id of the person", "обратный путь от псевдонима к идентификатору клиента"),
        Data = [Holds.Pseudonym(Holds.Consent), Holds.Data(CustomerId, CustomerId, DataClassification.DirectIdentifier, Holds.Consent)],
        Keeping = Holds.UntilErased,
        NotExportedBecause = Holds.Text("the person is asked for by this very id", "именно по этому идентификатору субъекта и запрашивают"),
        ReadBy = ["GET /audiences/{segment}"],
    };

    public static CollectionContents ContactTypes { get; } = Holds.Nobody("which contacts may be kept, and for what", "какие контакты можно хранить и для чего");

    public static CollectionContents ContactEntries { get; } = new()
    {
        What = Holds.Text("how people are reached", "контакты клиентов"),
        Data = [Holds.Pseudonym(Holds.Consent)],
        Keeping = Holds.ByRetentionRules,
        ExportedBy = "GET /profiles/{customerId}/contacts",
        ReadBy = ["GET /profiles/{customerId}/contacts"],
    };

    public static CollectionContents HeldData { get; } = new()
    {
        What = Holds.Text("what a legal hold, or a retention rule by a law, keeps of erased data: frozen under a key of its own, nothing uses it", "что из уничтоженных данных сохраняется по запрету на уничтожение или по закону, названному в правиле хранения: заблокировано под отдельным ключом, не используется"),
        Data = [Holds.Pseudonym(Holds.LegalObligation), Holds.Data("content", "on-hold", DataClassification.DirectIdentifier, Holds.LegalObligation)],
        Keeping = Holds.Until("the legal hold ends, or the days of the rule; then it is erased", "снятия запрета или истечения срока правила; затем уничтожается"),
        NotExportedBecause = Holds.Text("frozen: no use of it is allowed; the certificate says that it is kept", "заблокировано: использовать нельзя; о сохранении сказано в акте"),
    };

    public static CollectionContents KnownLegalHolds { get; } = new()
    {
        What = Holds.Text("this service's copy of the legal holds on each person's data", "копия запретов на уничтожение данных субъекта"),
        Data = [Holds.Pseudonym(Holds.LegalObligation)],
        Keeping = Holds.ForGood("afterwards a pseudonym and a version are left, so that an ended hold doesn't come back", "затем остаются псевдоним и версия, чтобы снятый запрет не вернулся"),
        NotErasedBecause = Holds.Text("it is what keeps an ended hold from coming back", "она не даёт снятому запрету вернуться"),
        NotExportedBecause = Holds.Text("telling of it could defeat the inquiry it is for", "сообщение о нём может помешать разбирательству"),
    };

    public static CollectionContents SubjectActivities { get; } = new()
    {
        What = Holds.Text("when people were last active and what purposes were reached, where a retention rule counts from it", "когда субъекты были активны и какие цели достигнуты, если от этого считается срок хранения"),
        Data = [Holds.Pseudonym(Holds.LegalObligation), Holds.Data("last-activity", "activity", DataClassification.Ordinary, Holds.LegalObligation)],
        Keeping = Holds.UntilErased,
        NotExportedBecause = Holds.Text("follows from the times of the data that GET /profiles/{customerId} gives", "следует из времени данных, выдаваемых GET /profiles/{customerId}"),
    };

    public static CollectionContents ErasureTallies { get; } = Holds.Nobody("how much a running erasure has erased so far", "сколько уже уничтожено в ходе текущего уничтожения");

    public static CollectionContents QuarantinedMessages { get; } = new()
    {
        What = Holds.Text("messages from the bus that couldn't be handled", "сообщения с шины, которые не удалось обработать"),
        Data = [Holds.Pseudonym(Holds.LegitimateInterests), Holds.Data("message", "unread", DataClassification.DirectIdentifier, Holds.LegitimateInterests)],
        Keeping = Holds.For("P30D", "from when it came; P7D if it doesn't show whom it is about", "с поступления; P7D, если не видно, о ком оно"),
        NotExportedBecause = Holds.Text("nobody has read it: it is no event, or isn't decided on yet", "никто его не прочёл: это не событие, или решения о нём ещё нет"),
        DatedBy = "waiting",
    };

    public static CollectionContents Segments { get; } = Holds.Nobody("rules that segments are made by", "правила, по которым строятся сегменты");

    public static CollectionContents SegmentMembers { get; } = new()
    {
        What = Holds.Text("who belongs to which segment", "кто принадлежит к какому сегменту"),
        Data = [Holds.Pseudonym(Holds.Consent)],
        Keeping = Holds.UntilErased,
        NotExportedBecause = Holds.Text("follows from the data that GET /profiles/{customerId} gives, which names the segments that use it", "следует из данных, выдаваемых GET /profiles/{customerId}, где названы использующие их сегменты"),
        ReadBy = ["GET /audiences/{segment}", "GET /segments", "GET /segments/{id}", nameof(SegmentEntered), nameof(SegmentLeft)],
    };

    public static CollectionContents DueEvaluations { get; } = new()
    {
        What = Holds.Text("when somebody's segments change by time alone", "когда сегменты субъекта изменит само время"),
        Data = [Holds.Pseudonym(Holds.Consent)],
        Keeping = Holds.Until("until that time", "до этого времени"),
        NotExportedBecause = Holds.Text("it says nothing about the person", "о субъекте ничего не сообщает"),
    };

    public static CollectionContents ChangedSubjects { get; } = new()
    {
        What = Holds.Text("whose segments are to be found again, because their data changed", "чьи сегменты нужно определить заново, потому что изменились данные"),
        Data = [Holds.Pseudonym(Holds.Consent)],
        Keeping = Holds.Until("until they were found: a second as a rule", "пока не определены: обычно секунда"),
        NotExportedBecause = Holds.Text("it says nothing about the person", "о субъекте ничего не сообщает"),
        DatedBy = "created",
    };

    public static CollectionContents Traits { get; } = Holds.Nobody("values that are made of a profile when it is read", "значения, вычисляемые по профилю при чтении");

    public static CollectionContents GroupModels { get; } = Holds.Nobody("groups of people who behave alike, in words and means; none of few", "группы похожего поведения: слова и средние; малых групп нет");

    public static CollectionContents Withdrawals { get; } = new()
    {
        What = Holds.Text("who took purposes back, for product services that hold lists with them", "кто отозвал цели — для продуктовых сервисов, у которых есть списки с ними"),
        Data = [Holds.Data(CustomerId, CustomerId, DataClassification.DirectIdentifier, Holds.LegalObligation)],
        Keeping = Holds.Until("until the end of the day on which the last list with the person may not be used any more", "до конца дня, после которого нельзя использовать ни один список с субъектом"),
        NotErasedBecause = Holds.Text("product services have to take the person off the audiences they hold (GDPR, 19; 152-FZ, 21(5))", "продуктовые сервисы должны исключить субъекта из имеющихся у них аудиторий (GDPR, ст. 19; 152-ФЗ, ст. 21, ч. 5)"),
        NotExportedBecause = Holds.Text("a copy of what GET /consents/{customerId}/history gives", "копия того, что выдаёт GET /consents/{customerId}/history"),
        ReadBy = ["GET /withdrawals"],
    };

    public static CollectionContents Participants { get; } = new()
    {
        What = Holds.Text("product services and processors that take part in erasures, what they sign with, and what processors are asked with", "продуктовые сервисы и обработчики, участвующие в уничтожении, их ключи подписи и реквизиты доступа к обработчикам"),
        Data = [Holds.Data("webhook-secret", "secret", DataClassification.Ordinary, Holds.LegitimateInterests)],
        Keeping = Holds.Until("until the service is removed", "пока сервис не исключён"),
        NotExportedBecause = Holds.Text("it is about nobody", "ни о ком"),
        NotErasedBecause = Holds.Text("it is about nobody; sealed for the secrets in it", "ни о ком; зашифровано из-за секретов"),
    };

    public static CollectionContents ErasureNotices { get; } = new()
    {
        What = Holds.Text("whom product services have to erase and haven't confirmed", "кого продуктовые сервисы должны уничтожить и ещё не подтвердили"),
        Data = [Holds.Pseudonym(Holds.LegalObligation), Holds.Data(CustomerId, CustomerId, DataClassification.DirectIdentifier, Holds.LegalObligation)],
        Keeping = Holds.Until("until the service's receipt is in", "до получения квитанции сервиса"),
        NotErasedBecause = Holds.Text("each recipient has to be told of the erasure (GDPR, 19; 152-FZ, 21(5)); sealed with a key of its own, which goes with it", "об уничтожении нужно сообщить каждому получателю (GDPR, ст. 19; 152-ФЗ, ст. 21, ч. 5); зашифровано собственным ключом, который уничтожается вместе с записью"),
        NotExportedBecause = Holds.Text("a copy of the id that the person is asked for by, on its way", "копия идентификатора, по которому субъекта запрашивают, на пути к получателю"),
    };

    public static CollectionContents FieldUsages { get; } = Holds.Nobody("what has used which field when", "что и когда использовало какое поле");

    public static CollectionContents EvaluationPasses { get; } = new()
    {
        What = Holds.Text("how far a pass over everybody is, after a rule changed", "докуда дошёл обход всех после изменения правила"),
        Data = [Holds.Pseudonym(Holds.Consent)],
        Keeping = Holds.Until("until everybody was looked at: minutes", "пока не проверены все: минуты"),
        NotErasedBecause = Holds.Text("a place in an order, replaced as the pass goes on", "место в порядке обхода, сменяемое по ходу"),
        NotExportedBecause = Holds.Text("it says nothing about the person", "о субъекте ничего не сообщает"),
    };

    public async Task<DataMapAnnounced> CompleteAsync(DataMapAnnounced map, DocumentSession session, CancellationToken cancellationToken)
    {
        var types = await session.QueryAsync<EventType>("type", limit: int.MaxValue, cancellationToken: cancellationToken);
        var contacts = (await session.LoadManyAsync<ContactType>(ContactType.All, cancellationToken)).Values;
        var segments = await session.QueryAsync<Segment>("id", limit: int.MaxValue, cancellationToken: cancellationToken);
        return map
            .With("profile_data", contents => contents with { Data = [.. contents.Data, .. types.SelectMany(type => type.Fields.Select(field => FieldOf(type, field.Key, field.Value)))] })
            .With("contact_entries", contents => contents with { Data = [.. contents.Data, .. contacts.OrderBy(type => type.Type, StringComparer.Ordinal).Select(DataOf)] })
            .With("segment_members", contents => contents with { Data = [.. contents.Data, .. segments.Select(DataOf)] });
    }

    private static HeldData FieldOf(EventType type, string name, FieldDeclaration field) => new()
    {
        Name = $"{type.Type}/{name}",
        Category = field.Category,
        Classification = field.Classification switch
        {
            Classification.Sensitive => DataClassification.Sensitive,
            Classification.DirectIdentifier => DataClassification.DirectIdentifier,
            _ => DataClassification.Ordinary,
        },
        Purposes = field.Purposes,
        Description = field.Description,
    };

    private static HeldData DataOf(ContactType type) => new()
    {
        Name = type.Type,
        Category = type.Category,
        Classification = DataClassification.DirectIdentifier,
        Purposes = type.Purposes,
        Description = type.Description,
    };

    private static HeldData DataOf(Segment segment) => new()
    {
        Name = segment.Id,
        Category = "segment-membership",
        Classification = DataClassification.Ordinary,
        Purposes = [segment.Purpose],
        Description = segment.Title,
    };
}
