using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Personalization.Consent.Features;
using Personalization.Platform;
using Xunit;

namespace Personalization.Consent.Tests;

public sealed class StartingTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("consent-").FullName;

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Theory]
    [InlineData(null)]
    [InlineData("Consent:Controller:Id")]
    [InlineData("Consent:Controller:Name")]
    [InlineData("Consent:Controller:Address")]
    [InlineData("Consent:Controller:Contact")]
    [InlineData("Consent:PrivacyPage")]
    public async Task Outside_Development_it_does_not_start_while_receipts_would_name_an_example(string? missing)
    {
        await using var app = Create(Environments.Production, missing is null ? [] : Named.Where(setting => setting.Key != missing));

        var thrown = await Assert.ThrowsAsync<OptionsValidationException>(() => app.StartAsync());

        Assert.Matches("^Receipts would name an example: set Consent:Controller:[^.]*\\.$", Assert.Single(thrown.Failures));
    }

    [Theory]
    [InlineData("Production")]
    [InlineData("Development")]
    public async Task It_starts_with_an_operator_that_has_a_name(string environment)
    {
        await using var app = Create(environment, Named);

        await app.StartAsync();

        Assert.NotEmpty(app.Urls);
    }

    [Fact]
    public async Task In_Development_the_example_will_do_but_not_a_name_without_an_address()
    {
        await using var example = Create(Environments.Development, []);
        await example.StartAsync();
        await example.StopAsync();
        await using var nameless = Create(Environments.Development, [new("Consent:Controller:Address", " ")]);

        var thrown = await Assert.ThrowsAsync<OptionsValidationException>(() => nameless.StartAsync());

        Assert.Equal("Consent:Controller and Consent:Authority each need Id, Name, Address, Contact and Type.", Assert.Single(thrown.Failures));
    }

    [Fact]
    public async Task Started_as_a_program_it_says_in_one_line_what_to_set_and_ends()
    {
        var before = Console.Error;
        var said = new StringWriter();
        Console.SetError(said);
        try
        {
            var code = await ServiceHost.RunAsync(["--environment", Environments.Production, "--Data:Directory", directory, "--urls", "http://127.0.0.1:0"], new ConsentModule());

            Assert.Equal(1, code);
        }
        finally
        {
            Console.SetError(before);
        }

        Assert.StartsWith("Receipts would name an example: ", Assert.Single(said.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_the_time_to_stop_is_over_before_it_has_noted_the_streams_head_it_ends_all_the_same()
    {
        await using var app = Create(Environments.Development, []);
        await app.StartAsync();
        var watching = app.Services.GetServices<IHostedService>().OfType<WatchStreamHead>().Single();

        await watching.StopAsync(new CancellationToken(canceled: true));
    }

    private static Dictionary<string, string?> Named => new()
    {
        ["Consent:Controller:Id"] = "ogrn-1",
        ["Consent:Controller:Name"] = "A cinema",
        ["Consent:Controller:Address"] = "A street",
        ["Consent:Controller:Contact"] = "privacy@cinema.example",
        ["Consent:PrivacyPage"] = "https://cinema.example/privacy",
    };

    private WebApplication Create(string environment, IEnumerable<KeyValuePair<string, string?>> settings) => ServiceHost.Create([], [new ConsentModule()], builder =>
    {
        builder.Environment.EnvironmentName = environment;
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["urls"] = "http://127.0.0.1:0",
            ["Data:Directory"] = directory,
            ["Logging:LogLevel:Default"] = "None",
        });
        builder.Configuration.AddInMemoryCollection(settings);
    });
}
