using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using MongoDB.Driver;
using Personalization.Platform.Storage;
using Personalization.Testing;
using Xunit;

namespace Personalization.Platform.Tests.Storage;

[RequiresMongo]
public sealed class WaitingForStoresTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("waiting-").FullName;

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [ContractFact]
    public async Task A_service_that_starts_before_its_database_answers_waits_for_it()
    {
        var url = new MongoUrlBuilder(await MongoServer.NewDatabaseAsync()) { DirectConnection = true, ServerSelectionTimeout = TimeSpan.FromMilliseconds(200) };
        await using var link = new Link { Target = new Uri($"mongodb://{url.Server.Host}:{url.Server.Port}") };
        (url.ReplicaSetName, url.Server) = (null, new MongoServerAddress("127.0.0.1", link.Address.Port));
        link.Cut();
        await using var app = ServiceHost.Create([], [new SampleModule()], builder =>
        {
            builder.Environment.EnvironmentName = Environments.Development;
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["urls"] = "http://127.0.0.1:0",
                ["Data:Directory"] = directory,
                ["Sample:Store"] = url.ToString(),
                ["Logging:LogLevel:Default"] = "None",
            });
        });

        var starting = app.StartAsync();
        await Task.WhenAny(starting, Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System));
        var isWaiting = !starting.IsCompleted;
        link.Mend();
        await starting.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.True(isWaiting);
    }

    private sealed class SampleModule : IModule
    {
        public string Name => "Sample";

        public void Configure(ModuleBuilder module) => module.Document<Sample>("samples", Holds.Nobody("samples", "образцы"));
    }

    private sealed record Sample(string Id) : IDocument;
}
