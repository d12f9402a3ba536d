using Xunit;

namespace Personalization.System.Tests.Harness;

/// <summary>One system for the tests of a class, opened with a cinema and its viewers when the first of them runs.</summary>
public sealed class SystemFixture<TSystem> : IAsyncLifetime
    where TSystem : SystemUnderTest, new()
{
    private Task? opening;

    /// <summary>The system.</summary>
    public TSystem System { get; } = new();

    /// <summary>Its users.</summary>
    public Cinema Cinema { get; private set; } = null!;

    /// <summary>Returns when it is open, undisturbed.</summary>
    public Task OpenAsync()
    {
        System.Undisturb();
        return opening ??= StartAsync();
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await System.DisposeAsync();

    private async Task StartAsync()
    {
        Cinema = new Cinema(System);
        await System.StartAsync();
        await Cinema.OpenAsync();
        await Cinema.FillAsync();
    }
}
