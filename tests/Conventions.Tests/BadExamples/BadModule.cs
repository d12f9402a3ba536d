using MassTransit;
using Personalization.Contracts.Audit;
using Personalization.Contracts.Consent;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Storage;

namespace Personalization.Conventions.Tests.BadExamples;

/// <summary>Breaks every rule that a module can break.</summary>
internal sealed class BadModule : IModule
{
    public string Name => "Bad";

    public void Configure(ModuleBuilder module) => module
        .Document<Customer>("Customer", Holds.Nobody("customers", ""))
        .Document<OpenDocument>("open_document", new CollectionContents
        {
            What = Holds.Text("documents", "документы"),
            Data = [Holds.Data("name", "", DataClassification.DirectIdentifier, "")],
        })
        .Document<KeptBackDocument>("kept_back_documents", new CollectionContents
        {
            What = Holds.Text("documents", "документы"),
            Data = [Holds.Pseudonym(Holds.Consent)],
            Keeping = Holds.UntilErased,
            NotErasedBecause = Holds.Text("it is an example", "это пример"),
            ExportedBy = "POST /exports",
        })
        .Consumer<HandleErasures, EraseSubject>()
        .Consumer<KeepBothOnConsentRevoked, ConsentRevoked>();
}

public class HandleErasures : IConsumer<EraseSubject>
{
    public Task Consume(ConsumeContext<EraseSubject> context) => Task.CompletedTask;
}

internal sealed class KeepBothOnConsentRevoked : IConsumer<ConsentRevoked>, IConsumer<ConsentGranted>
{
    public Task Consume(ConsumeContext<ConsentRevoked> context) => Task.CompletedTask;

    public Task Consume(ConsumeContext<ConsentGranted> context) => Task.CompletedTask;
}

internal sealed class ForgottenOnConsentGranted : IConsumer<ConsentGranted>
{
    public Task Consume(ConsumeContext<ConsentGranted> context) => Task.CompletedTask;
}

/// <summary>A class, and about a subject that no erasure reaches.</summary>
internal sealed class Customer : ISubjectDocument
{
    public string Id { get; init; } = "";

    public DataKeyId? DataKey => new DataKeyId(Id, 1);
}

/// <summary>Said to be given to the person, and forgotten by the export.</summary>
internal sealed record KeptBackDocument(string Id) : IDocument;

public record OpenDocument(string Id) : IDocument;
