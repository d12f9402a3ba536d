using System.Globalization;
using System.Text.Json.Serialization;
using Personalization.Contracts.Audit;

namespace Personalization.Platform.Storage;

/// <summary>Something a service stores: a sealed record with an id.</summary>
public interface IDocument
{
    /// <summary>Unique in its collection.</summary>
    [JsonIgnore]
    string Id { get; }
}

/// <summary>A document about a subject. Its body is encrypted with <see cref="DataKey"/>, so destroying that key makes every copy of it unreadable.</summary>
public interface ISubjectDocument : IDocument
{
    /// <summary>The key that seals it; null for one that turned out to be about no subject.</summary>
    [JsonIgnore]
    DataKeyId? DataKey { get; }
}

/// <summary>Names a data key.</summary>
/// <param name="SubjectRef">The subject's pseudonym.</param>
/// <param name="Epoch">The epoch; destroying a key ends the use of all that was written in it.</param>
/// <param name="RetentionRule">For what must outlive an erasure: the rule that says so. Such a key is not destroyed with the epoch.</param>
public readonly record struct DataKeyId(string SubjectRef, int Epoch, string? RetentionRule = null)
{
    /// <summary>The form it has in a key store and in a sealed body.</summary>
    public override string ToString() => RetentionRule is null
        ? string.Create(CultureInfo.InvariantCulture, $"{SubjectRef}.{Epoch}")
        : string.Create(CultureInfo.InvariantCulture, $"{SubjectRef}.{Epoch}.{RetentionRule}");
}

/// <summary>The document types of one service: their collections and the fields they can be queried by.</summary>
public sealed class DocumentMap
{
    private readonly Dictionary<Type, DocumentType> byType = [];

    /// <summary>Every type declared.</summary>
    public IReadOnlyCollection<DocumentType> All => byType.Values;

    /// <summary>Declares a type.</summary>
    /// <param name="collection">snake_case plural, unique in the system.</param>
    /// <param name="contents">What it holds, for the data map.</param>
    /// <param name="fields">Fields to query by: name (letters only) and value, which is stored in clear; null keeps the document out of that index.</param>
    public DocumentMap Add<T>(string collection, CollectionContents contents, params (string Name, Func<T, string?> Value)[] fields)
        where T : class, IDocument
    {
        byType.Add(typeof(T), new DocumentType(
            typeof(T), collection, contents, [.. fields.Select(field => new DocumentField(field.Name, document => field.Value((T)document)))]));
        return this;
    }

    /// <exception cref="InvalidOperationException">The type wasn't declared by the service's module.</exception>
    internal DocumentType Of(Type type) =>
        byType.TryGetValue(type, out var found) ? found : throw new InvalidOperationException($"{type.Name} is not among the module's documents.");
}

/// <summary>A declared document type.</summary>
public sealed record DocumentType(Type ClrType, string Collection, CollectionContents Contents, IReadOnlyList<DocumentField> Fields)
{
    /// <summary>What a store has to know of it.</summary>
    public CollectionSchema Schema => new(Collection, [.. Fields.Select(declared => declared.Name)]);
}

/// <summary>A declared field and how to read its value.</summary>
public sealed record DocumentField(string Name, Func<IDocument, string?> Value);
