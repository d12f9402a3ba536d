using MongoDB.Bson;
using MongoDB.Driver;
using Personalization.Testing;

namespace Personalization.Benchmarks.Systems;

/// <summary>What is known of the databases.</summary>
internal static class Databases
{
    /// <summary>As the server says.</summary>
    public static async Task<string> MongoVersionAsync()
    {
        var url = new MongoUrl(await MongoServer.NewDatabaseAsync());
        using var client = new MongoClient(url);
        return (await client.GetDatabase(url.DatabaseName).RunCommandAsync<BsonDocument>(new BsonDocument("buildInfo", 1)))["version"].AsString;
    }
}
