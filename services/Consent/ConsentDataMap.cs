using Microsoft.Extensions.Options;
using Personalization.Consent.Domain;
using Personalization.Contracts.Audit;
using Personalization.Contracts.Consent;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Consent;

/// <summary>What Consent's collections hold; and, to complete the map, purposes and who is answerable.</summary>
internal sealed class ConsentDataMap(IOptions<ConsentOptions> options) : IDataMapCompletion
{
    private const string Category = "consent";

    public static CollectionContents Purposes { get; } = Holds.Nobody("purposes and their notices", "цели обработки и их уведомления");

    public static CollectionContents PurposeVersions { get; } = Holds.Nobody("every version of the purposes and notices", "все версии целей и уведомлений");

    public static CollectionContents ServedNotices { get; } =
        Holds.Nobody("that a notice was shown, to whom isn't known", "факт показа уведомления; кому — неизвестно") with { DatedBy = "served" };

    public static CollectionContents DecisionTallies { get; } = Holds.Nobody("decisions per purpose and day, in numbers", "решения по целям и дням, в числах");

    public static CollectionContents ServedTallies { get; } = Holds.Nobody("shown notices per purpose and day, in numbers", "показы уведомлений по целям и дням, в числах");

    public static CollectionContents UnsubscribeTokens { get; } = new()
    {
        What = Holds.Text("the links in mails that unsubscribe with one click", "ссылки в письмах, отписывающие одним нажатием"),
        Data = [Holds.Pseudonym(Holds.LegalObligation), Holds.Data("unsubscribe-link", Category, DataClassification.Pseudonym, Holds.LegalObligation)],
        Keeping = Holds.For("P365D", "from when the mail was sent: mails are opened late", "с отправки письма: письма открывают поздно"),
        NotErasedBecause = Holds.Text("whom it is about goes; a hash stays, so that the old link answers that it was used", "сведения о том, чья это ссылка, удаляются; остаётся хеш, чтобы старая ссылка отвечала, что уже использована"),
        NotExportedBecause = Holds.Text("the person has the link in the mail", "ссылка есть у субъекта в письме"),
        DatedBy = "issued",
    };

    public static CollectionContents RewardGrants { get; } = new()
    {
        What = Holds.Text("rewards that people got for openness", "вознаграждения, полученные за открытость"),
        Data = [Holds.Pseudonym(Holds.LegalObligation), Holds.Data("reward", "reward", DataClassification.Ordinary, Holds.LegalObligation)],
        Keeping = Holds.For("P3Y", "from when everything else of the person was erased", "с уничтожения остальных данных субъекта"),
        NotErasedBecause = Holds.Text("a reward stays the person's: withdrawing is without detriment (GDPR, recital 42)", "вознаграждение остаётся за субъектом: отзыв согласия не влечёт невыгодных последствий (GDPR, преамбула, п. 42)"),
        ExportedBy = "GET /consents/{customerId}/rewards",
        ReadBy = ["GET /consents/{customerId}/rewards"],
    };

    public static CollectionContents NoticeChanges { get; } = new()
    {
        What = Holds.Text("how far the people are found who have to be asked anew", "докуда найдены субъекты, которых нужно спросить снова"),
        Data = [Holds.Pseudonym(Holds.LegalObligation)],
        Keeping = Holds.Until("until everybody was looked at: minutes", "пока не проверены все: минуты"),
        NotErasedBecause = Holds.Text("a place in an order, replaced as the pass goes on", "место в порядке обхода, сменяемое по ходу"),
        NotExportedBecause = Holds.Text("it says nothing about the person", "о субъекте ничего не сообщает"),
    };

    public static CollectionContents ConsentRecords { get; } = new()
    {
        What = Holds.Text("what each person permits now", "что каждый субъект разрешает сейчас"),
        Data = [Holds.Pseudonym(Holds.LegalObligation), Holds.Data("decisions", Category, DataClassification.Ordinary, Holds.LegalObligation)],
        Keeping = Holds.ForGood("refusals are to be honoured for good, and versions keep what was erased from coming back", "отказы соблюдаются бессрочно, а версии не дают уничтоженному вернуться"),
        NotErasedBecause = Holds.Text("docs/decisions/2026-11-24-gates-in-clear.md: it has to be readable after the person's key is gone", "docs/decisions/2026-11-24-gates-in-clear.md: должно читаться и после уничтожения ключа субъекта"),
        ExportedBy = "GET /consents/{customerId}",
        ReadBy = ["GET /consents/{customerId}", "GET /consents:export"],
    };

    public static CollectionContents Restrictions { get; } = new()
    {
        What = Holds.Text("what is kept from use although it is permitted", "что заблокировано для использования, хотя и разрешено"),
        Data = [Holds.Pseudonym(Holds.LegalObligation), Holds.Data("restriction", Category, DataClassification.Ordinary, Holds.LegalObligation)],
        Keeping = Holds.Until("until it is lifted", "до снятия блокирования"),
        NotErasedBecause = Holds.Text("it stands until it is lifted, for what comes later too; part of the consent state", "действует до снятия, в том числе для данных, полученных позже; часть состояния согласия"),
        ExportedBy = "GET /consents/{customerId}",
        ReadBy = ["GET /consents/{customerId}", "GET /restrictions"],
    };

    public static CollectionContents LedgerEntries { get; } = new()
    {
        What = Holds.Text("the proof of each decision", "доказательство каждого решения"),
        Data = [Holds.Pseudonym(Holds.LegalObligation), Holds.Data("proof", Category, DataClassification.Ordinary, Holds.LegalObligation)],
        Keeping = Holds.For("P3Y", "from the erasure of everything else: the operator has to prove that consent was given (152-FZ, 9(3); GDPR, 7(1))", "с уничтожения остальных данных: оператор обязан доказать получение согласия (152-ФЗ, ст. 9, ч. 3; GDPR, ст. 7(1))"),
        NotErasedBecause = Holds.Text("an erasure freezes it under a key of its own", "при уничтожении запечатывается отдельным ключом"),
        ExportedBy = "GET /consents/{customerId}/history",
        ReadBy = ["GET /consents/{customerId}/history", "GET /consents/{customerId}/receipts/{id}", "GET /ledger/export"],
    };

    public static CollectionContents LedgerLinks { get; } = new()
    {
        What = Holds.Text("the chain that shows any change made to the proofs", "цепочка, выявляющая любое изменение доказательств"),
        Data = [Holds.Pseudonym(Holds.LegalObligation), Holds.Data("commitment", Category, DataClassification.Pseudonym, Holds.LegalObligation)],
        Keeping = Holds.ForGood("a chain without a link proves nothing; it holds a salted hash of the decision, whose salt goes with the proof", "цепочка без звена ничего не доказывает; в ней хеш решения с солью, а соль удаляется вместе с доказательством"),
        NotErasedBecause = Holds.Text("superseded by nothing, or the proofs that are left could be forged", "иначе оставшиеся доказательства можно было бы подделать"),
        NotExportedBecause = Holds.Text("a hash of what GET /consents/{customerId}/history gives", "хеш того, что выдаёт GET /consents/{customerId}/history"),
        ReadBy = ["GET /ledger/export", "GET /ledger/verify"],
    };

    public static CollectionContents PendingChanges { get; } = new()
    {
        What = Holds.Text("decisions that wait for their number in the stream", "решения, ожидающие номера в потоке"),
        Data = [Holds.Pseudonym(Holds.LegalObligation), Holds.Data("decisions", Category, DataClassification.Ordinary, Holds.LegalObligation)],
        Keeping = Holds.Until("until it has its number: less than a second as a rule", "до получения номера: обычно меньше секунды"),
        NotErasedBecause = Holds.Text("deleted as soon as it has its number in the stream, before any case can follow from it", "удаляется сразу после получения номера, прежде чем из него может возникнуть дело"),
        NotExportedBecause = Holds.Text("a copy of what GET /consents/{customerId} gives", "копия того, что выдаёт GET /consents/{customerId}"),
        DatedBy = "created",
    };

    public static CollectionContents ConsentStreamEntries { get; } = new()
    {
        What = Holds.Text("the numbered stream of all changes, which every gate follows", "нумерованный поток всех изменений, за которым следуют все сервисы"),
        Data = [Holds.Pseudonym(Holds.LegalObligation), Holds.Data("decisions", Category, DataClassification.Ordinary, Holds.LegalObligation)],
        Keeping = Holds.ForGood("whoever was cut off needs the newest state and every narrowing", "отставшему сервису нужны последнее состояние и каждое сужение"),
        NotErasedBecause = Holds.Text("superseded entries go; the newest state and every narrowing stay, because erasures follow from them", "заменённые записи удаляются; последнее состояние и каждое сужение остаются: из них следуют уничтожения"),
        NotExportedBecause = Holds.Text("a copy of what GET /consents/{customerId}/history gives", "копия того, что выдаёт GET /consents/{customerId}/history"),
        ReadBy = ["GET /internal/consent-stream", nameof(ConsentGranted), nameof(ConsentRevoked), nameof(ConsentExpired)],
    };

    public static CollectionContents ConsentStreamHeads { get; } = Holds.Nobody("the last number given out", "последний выданный номер");

    public static CollectionContents AppliedConsents { get; } = new()
    {
        What = Holds.Text("which service has applied which version of somebody's consent", "какой сервис какую версию согласия применил"),
        Data = [Holds.Pseudonym(Holds.LegalObligation)],
        Keeping = Holds.ForGood("as the gates it tells of", "как и разрешения, о которых сообщает"),
        NotErasedBecause = Holds.Text("a pseudonym, a service, a version and a time: what the gates keep too", "псевдоним, сервис, версия и время: то же, что остаётся в разрешениях"),
        NotExportedBecause = Holds.Text("it says nothing about the person", "о субъекте ничего не сообщает"),
    };

    public static CollectionContents ConsentImports { get; } =
        Holds.Nobody("how far an import is, in numbers and a digest", "ход импорта: числа и дайджест") with { DatedBy = "changed" };

    public static CollectionContents RetentionPeriods { get; } = Holds.Nobody("the retention rules as Retention announced them", "сроки хранения, объявленные сервисом Retention");

    public async Task<DataMapAnnounced> CompleteAsync(DataMapAnnounced map, DocumentSession session, CancellationToken cancellationToken)
    {
        var setting = options.Value;
        var purposes = await session.QueryAsync<Purpose>("all", cancellationToken: cancellationToken);
        map = map with
        {
            Purposes = [.. purposes.OrderBy(purpose => purpose.Id, StringComparer.Ordinal).Select(purpose => new MappedPurpose
            {
                Id = purpose.Id,
                LawfulBasis = purpose.LawfulBasis,
                Categories = purpose.Categories,
                Titles = purpose.Notices.OrderBy(notice => notice.Language, StringComparer.Ordinal).ToDictionary(notice => notice.Language, notice => notice.Title),
                Recipients = purpose.Recipients,
                Processors = purpose.Processors,
                StorageLocations = purpose.StorageLocations.Count > 0 ? purpose.StorageLocations : [setting.Country],
            })],
            Parties = [PartyOf("operator", setting.Controller), PartyOf("authority", setting.Authority)],
        };
        return map
            .With("unsubscribe_tokens", contents => Lasting(contents, $"P{setting.KeepUnsubscribeTokensDays}D"))
            .With("ledger_entries", contents => Lasting(contents, $"P{setting.KeepProofsYears}Y"))
            .With("reward_grants", contents => Lasting(contents, $"P{setting.KeepRewardsYears}Y"));
    }

    private static CollectionContents Lasting(CollectionContents contents, string period) => contents with { Keeping = contents.Keeping! with { Period = period } };

    private static MappedParty PartyOf(string role, PartyOptions party) => new() { Role = role, Name = party.Name, Address = party.Address, Contact = party.Contact };
}
