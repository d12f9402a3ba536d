using Personalization.Platform;
using Personalization.Platform.Storage;
using Personalization.Retention.Domain;

namespace Personalization.Retention.Features;

/// <summary>Sends open cases again: a participant that was down, lost the command or found a residue answers in the end, or is seen not to.</summary>
public sealed partial class ResendOpenCases(ServiceModule module, IServiceScopeFactory scopes, TimeProvider time, ILogger<ResendOpenCases> logger) : BackgroundService
{
    private const int Page = 100;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => time.RepeatAsync(Every, ResendDueAsync, LogFailed, stoppingToken);

    private async Task ResendDueAsync(CancellationToken cancellationToken)
    {
        while (await ResendAsync(cancellationToken) == Page)
        {
        }
    }

    private async Task<int> ResendAsync(CancellationToken cancellationToken)
    {
        var due = await module.OpenSession().QueryAsync<ErasureCase>(
            "due", atMost: Json.FormatTime(time.GetUtcNow()), limit: Page, cancellationToken: cancellationToken);
        if (due.Count == 0) return 0;

        using var activity = module.ActivitySource.StartActivity("resend open cases");
        foreach (var erasure in due) await ResendAsync(erasure.Id, cancellationToken);
        return due.Count;
    }

    private async Task ResendAsync(string caseId, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<CurrentModule>().Name = module.Name;
        var session = scope.ServiceProvider.GetRequiredService<DocumentSession>();
        var now = time.GetUtcNow();
        if (await session.LoadAsync<ErasureCase>(caseId, cancellationToken) is not { } erasure || !(erasure.ResendAt <= now)) return;
        await scope.ServiceProvider.GetRequiredService<OpenErasureCase>().SendAsync(erasure, now, session, cancellationToken);
        try
        {
            await session.CommitAsync(cancellationToken);
            LogResent(erasure.Id, erasure.Sendings + 1, string.Join(", ", erasure.Awaiting));
        }
        catch (DocumentConflictException)
        {
            // A receipt came, or another instance was faster.
        }
    }

    [LoggerMessage(LogLevel.Warning, "Erasure case {CaseId} was sent for the {Sending}. time; it waits for {Participants}")]
    private partial void LogResent(string caseId, int sending, string participants);

    [LoggerMessage(LogLevel.Warning, "Sending open erasure cases again failed ({Error})")]
    private partial void LogFailed(string error);
}
