using Personalization.Platform.Storage;
using Xunit;

namespace Personalization.Platform.Tests.Storage;

public sealed class OpeningStoresTests
{
    [Theory]
    [InlineData("")]
    [InlineData("/tmp/store.db")]
    [InlineData("postgres://localhost/db")]
    [InlineData("mongodb://user:secret-4711@localhost")]
    [InlineData("mongodb://user:secret-4711@:x:y/db")]
    public void An_unknown_connection_string_is_refused_without_repeating_it(string connectionString)
    {
        var refused = Assert.Throws<StoreUnusableException>(() => DocumentStores.Open(connectionString));

        Assert.DoesNotContain("4711", refused.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mongodb://localhost/db", typeof(MongoDocumentStore))]
    [InlineData("sqlite:unused.db", typeof(SqliteDocumentStore))]
    public async Task The_connection_string_picks_the_back_end(string connectionString, Type expected)
    {
        await using IDocumentStore store = DocumentStores.Open(connectionString);

        Assert.IsType(expected, store);
    }
}
