namespace Personalization.Platform.Storage;

/// <summary>Opens the back end that a connection string names.</summary>
public static class DocumentStores
{
    /// <summary><c>sqlite:PATH</c> opens (and makes) a SQLite file; <c>mongodb://…/DATABASE</c> and <c>mongodb+srv://…</c> a MongoDB database.</summary>
    /// <exception cref="StoreUnusableException">The connection string is of neither form.</exception>
    public static IDocumentStore Open(string connectionString) => connectionString switch
    {
        _ when connectionString.StartsWith("sqlite:", StringComparison.Ordinal) => new SqliteDocumentStore(connectionString["sqlite:".Length..]),
        _ when connectionString.StartsWith("mongodb:", StringComparison.Ordinal) || connectionString.StartsWith("mongodb+srv:", StringComparison.Ordinal)
            => new MongoDocumentStore(connectionString),
        _ => throw new StoreUnusableException("A store's connection string starts with 'sqlite:', 'mongodb:' or 'mongodb+srv:'."),
    };
}
