using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Personalization.Platform.Storage;
using Personalization.Testing;
using Xunit;

namespace Personalization.Platform.Tests.Storage;

/// <summary>A service doesn't start on a store that holds what its code doesn't declare: no erasure would reach it, and no data map show it.</summary>
public abstract class UnclaimedCollectionsContract : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("unclaimed-").FullName;

    public void Dispose()
    {
        Directory.Delete(directory, recursive: true);
        GC.SuppressFinalize(this);
    }

    protected abstract Task<string> NewStoreAsync();

    [ContractFact]
    public async Task A_service_starts_on_its_own_collections_and_not_on_others_unless_they_are_named()
    {
        var (store, keys) = (await NewStoreAsync(), await NewStoreAsync());
        await StartAsync(store, keys);
        await StartAsync(store, keys);

        await MakeAsync(store, "left_overs", "old_profiles");
        var refused = await Assert.ThrowsAsync<StoreUnusableException>(() => StartAsync(store, keys));
        Assert.Equal(
            "The data store of sample holds collections that the service doesn't declare: left_overs, old_profiles. "
            + "Remove them, or name them in Deployment:UnclaimedCollections if a newer version of the service made them.",
            refused.Message);
        await Assert.ThrowsAsync<StoreUnusableException>(() => StartAsync(store, keys, "left_overs"));
        await StartAsync(store, keys, "left_overs", "old_profiles");
    }

    [ContractFact]
    public async Task Nor_on_data_in_its_key_store()
    {
        var (store, keys) = (await NewStoreAsync(), await NewStoreAsync());
        await MakeAsync(keys, "samples");

        Assert.StartsWith("The keys store of sample holds", (await Assert.ThrowsAsync<StoreUnusableException>(() => StartAsync(store, keys))).Message, StringComparison.Ordinal);
    }

    [ContractFact]
    public async Task Nor_on_keys_beside_its_data()
    {
        var store = await NewStoreAsync();

        Assert.Contains("data_keys", (await Assert.ThrowsAsync<StoreUnusableException>(() => StartAsync(store, store))).Message, StringComparison.Ordinal);
    }

    private static async Task MakeAsync(string connectionString, params string[] collections)
    {
        await using var store = DocumentStores.Open(connectionString);
        await store.InitializeAsync([.. collections.Select(name => new CollectionSchema(name, []))], CancellationToken.None);
    }

    private async Task StartAsync(string store, string keys, params string[] unclaimed)
    {
        await using var app = ServiceHost.Create([], [new SampleModule()], builder =>
        {
            builder.Environment.EnvironmentName = Environments.Development;
            builder.Configuration.AddInMemoryCollection(
                new Dictionary<string, string?>(unclaimed.Select((name, i) => KeyValuePair.Create($"Deployment:UnclaimedCollections:{i}", (string?)name)))
                {
                    ["urls"] = "http://127.0.0.1:0",
                    ["Data:Directory"] = directory,
                    ["Sample:Store"] = store,
                    ["Sample:KeyStore"] = keys,
                    ["Logging:LogLevel:Default"] = "None",
                });
        });
        await app.StartAsync();
    }

    private sealed class SampleModule : IModule
    {
        public string Name => "Sample";

        public void Configure(ModuleBuilder module) => module.Document<Sample>("samples", Holds.Nobody("samples", "образцы"));
    }

    private sealed record Sample(string Id) : IDocument;
}

public sealed class UnclaimedCollectionsOnSqliteTests : UnclaimedCollectionsContract
{
    private readonly string files = Directory.CreateTempSubdirectory("unclaimed-files-").FullName;

    protected override Task<string> NewStoreAsync() => Task.FromResult($"sqlite:{Path.Combine(files, Guid.NewGuid().ToString("N"))}.db");
}

[RequiresMongo]
public sealed class UnclaimedCollectionsOnMongoTests : UnclaimedCollectionsContract
{
    protected override Task<string> NewStoreAsync() => MongoServer.NewDatabaseAsync();
}
