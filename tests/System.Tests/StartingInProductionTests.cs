using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Personalization.Audit;
using Personalization.Platform;
using Xunit;

namespace Personalization.System.Tests;

public sealed class StartingInProductionTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("personalization-starting-").FullName;

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Theory]
    [InlineData("Broker:Uri", "amqp://guest:guest@rabbitmq:5672/")]
    [InlineData("Broker:Uri", "amqps://rabbitmq/personalization")]
    [InlineData("Broker:Uri", "amqps://audit:@rabbitmq/personalization")]
    [InlineData("Audit:Store", "mongodb://mongo:27017/audit")]
    [InlineData("Audit:KeyStore", "mongodb://audit:" + "audit@mongo-0:27017,mongo-1:27017/audit_keys?tls=true")]
    public async Task Outside_Development_a_guessable_account_stops_the_start(string setting, string value)
    {
        var refused = await FailuresAsync(Environments.Production, setting, value);

        Assert.StartsWith($"{setting} names no account with a password of its own", Assert.Single(refused), StringComparison.Ordinal);
        Assert.Empty(await FailuresAsync(Environments.Development, setting, value));
    }

    [Theory]
    [InlineData("Broker:Uri", "amqps://audit:" + "3f9c@rabbitmq/personalization")]
    [InlineData("Audit:Store", "mongodb://audit:" + "3f9c@mongo-0:27017,mongo-1:27017/audit?tls=true")]
    public async Task An_account_of_its_own_will_do(string setting, string value) => Assert.Empty(await FailuresAsync(Environments.Production, setting, value));

    [Fact]
    public async Task Started_as_a_program_it_names_the_setting_and_not_the_password()
    {
        var before = Console.Error;
        var said = new StringWriter();
        Console.SetError(said);
        try
        {
            Assert.Equal(1, await ServiceHost.RunAsync([.. Arguments(Environments.Production, "Broker:Uri", "amqp://s3cret:" + "s3cret@rabbitmq/")], new AuditModule()));
        }
        finally
        {
            Console.SetError(before);
        }

        Assert.StartsWith("Broker:Uri ", said.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", said.ToString(), StringComparison.Ordinal);
    }

    private Task<IReadOnlyList<string>> FailuresAsync(string environment, string setting, string value)
    {
        // Outside the test's async flow, in which MassTransit keeps the log of the host before.
        using (ExecutionContext.SuppressFlow()) return Task.Run(() => Failures(environment, setting, value));
    }

    private IReadOnlyList<string> Failures(string environment, string setting, string value)
    {
        var app = ServiceHost.Create([.. Arguments(environment, setting, value)], [new AuditModule()]);
        using var _ = (IDisposable)app;
        try
        {
            app.Services.GetRequiredService<IStartupValidator>().Validate();
            return [];
        }
        catch (OptionsValidationException wrong)
        {
            return [.. wrong.Failures];
        }
    }

    private IEnumerable<string> Arguments(string environment, string setting, string value) =>
        ["--environment", environment, "--Data:Directory", directory, "--urls", "http://127.0.0.1:0", $"--{setting}", value];
}
