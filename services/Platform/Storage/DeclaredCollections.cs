using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace Personalization.Platform.Storage;

/// <summary>What was declared, so that a misspelt collection or field fails at once, and alike on every back end.</summary>
internal sealed partial class DeclaredCollections
{
    private readonly ConcurrentDictionary<string, HashSet<string>> _fields = new(StringComparer.Ordinal);

    /// <summary>Refuses names that a back end couldn't use as they are.</summary>
    public static void CheckNames(IReadOnlyCollection<CollectionSchema> collections)
    {
        foreach (CollectionSchema collection in collections)
        {
            if (!CollectionName().IsMatch(collection.Name))
                throw new ArgumentException($"'{collection.Name}' is no collection name: lower-case letters, digits and single underscores.", nameof(collections));
            foreach (string field in collection.Fields)
                if (!FieldName().IsMatch(field))
                    throw new ArgumentException($"'{field}' of {collection.Name} is no field name: letters only.", nameof(collections));
            // SQLite's column names don't differ by case.
            if (collection.Fields.Distinct(StringComparer.OrdinalIgnoreCase).Count() != collection.Fields.Count)
                throw new ArgumentException($"{collection.Name} declares a field twice.", nameof(collections));
        }
    }

    public void Add(IReadOnlyCollection<CollectionSchema> collections)
    {
        foreach (CollectionSchema collection in collections)
            _fields.AddOrUpdate(
                collection.Name,
                static (_, added) => [.. added],
                static (_, declared, added) => [.. declared, .. added],
                collection.Fields);
    }

    public void Check(IReadOnlyCollection<DocumentKey> keys)
    {
        foreach (DocumentKey key in keys)
            FieldsOf(key.Collection);
    }

    public void Check(DocumentQuery query)
    {
        if (!FieldsOf(query.Collection).Contains(query.Field))
            throw new ArgumentException($"{query.Collection} declares no field '{query.Field}'.", nameof(query));
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1, nameof(query));
    }

    public void Check(IReadOnlyCollection<DocumentWrite> writes)
    {
        var seen = new HashSet<DocumentKey>(writes.Count);
        foreach (DocumentWrite write in writes)
        {
            HashSet<string> fields = FieldsOf(write.Key.Collection);
            foreach (string field in write.Fields.Keys)
                if (!fields.Contains(field))
                    throw new ArgumentException($"{write.Key.Collection} declares no field '{field}'.", nameof(writes));
            if (write.ExpectedVersion < (write.Kind == WriteKind.Delete ? 1 : 0))
                throw new ArgumentException($"A {write.Kind} in {write.Key.Collection} expects version {write.ExpectedVersion}, which no document has.", nameof(writes));
            if (!seen.Add(write.Key))
                throw new ArgumentException($"A document of {write.Key.Collection} is in one write twice.", nameof(writes));
        }
    }

    private HashSet<string> FieldsOf(string collection) =>
        _fields.TryGetValue(collection, out HashSet<string>? fields) ? fields
            : throw new ArgumentException($"The collection '{collection}' was not initialized.", nameof(collection));

    [GeneratedRegex("^[a-z][a-z0-9]*(_[a-z0-9]+)*$")]
    private static partial Regex CollectionName();

    [GeneratedRegex("^[A-Za-z]+$")]
    private static partial Regex FieldName();
}
