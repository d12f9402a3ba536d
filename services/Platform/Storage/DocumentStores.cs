using Personalization.Platform.Security;

namespace Personalization.Platform.Storage;

/// <summary>Opens the back end that a connection string names.</summary>
public static class DocumentStores
{
    /// <summary><c>sqlite:PATH</c> opens (and makes) a SQLite file; <c>mongodb://…/DATABASE</c> and <c>mongodb+srv://…</c> a MongoDB database.</summary>
    /// <param name="connectionString">Encrypted with <c>tls=true</c>.</param>
    /// <param name="trust">Which servers an encrypted connection may lead to; null: those that the machine trusts.</param>
    /// <exception cref="StoreUnusableException">The connection string is of neither form.</exception>
    public static IDocumentStore Open(string connectionString, ServerTrust? trust = null) => connectionString switch
    {
        _ when connectionString.StartsWith("sqlite:", StringComparison.Ordinal) => new SqliteDocumentStore(connectionString["sqlite:".Length..]),
        _ when connectionString.StartsWith("mongodb:", StringComparison.Ordinal) || connectionString.StartsWith("mongodb+srv:", StringComparison.Ordinal)
            => new MongoDocumentStore(connectionString, trust),
        _ => throw new StoreUnusableException("A store's connection string starts with 'sqlite:', 'mongodb:' or 'mongodb+srv:'."),
    };
}
