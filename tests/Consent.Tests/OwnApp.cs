namespace Personalization.Consent.Tests;

/// <summary>A Consent of one test's own: its clock may be moved and its settings are the test's.</summary>
internal sealed class OwnApp(Dictionary<string, string?>? settings = null) : ConsentApp, IAsyncDisposable
{
    public static async Task<OwnApp> StartAsync(Dictionary<string, string?>? settings = null)
    {
        var app = new OwnApp(settings);
        await app.InitializeAsync();
        return app;
    }

    protected override Task<Dictionary<string, string?>> SettingsAsync() => Task.FromResult(settings ?? []);

    async ValueTask IAsyncDisposable.DisposeAsync() => await base.DisposeAsync();
}
