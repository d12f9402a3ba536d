using Microsoft.Extensions.Options;
using Personalization.Platform;
using Personalization.Platform.Storage;
using Personalization.Retention.Domain;

namespace Personalization.Retention.Features;

/// <summary>Deletes completed cases and their certificates when their time of keeping is over, and destroys the keys they were kept under; refused receipts and what is left of the acts of days go as late.</summary>
public sealed partial class ForgetOldCases(ServiceModule module, IOptions<RetentionOptions> options, TimeProvider time, ILogger<ForgetOldCases> logger) : BackgroundService
{
    private const int Batch = 200;
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => time.RepeatAsync(Every, ForgetAsync, LogFailed, stoppingToken);

    /// <returns>Whether there may be more.</returns>
    private async Task<bool> ForgetAsync(CancellationToken cancellationToken)
    {
        var session = module.OpenSession();
        var before = time.GetUtcNow().AddYears(-options.Value.KeepCertificatesYears);
        var rows = await session.QueryRowsAsync<ErasureCase>("completed", atMost: Json.FormatTime(before), limit: Batch, cancellationToken: cancellationToken);
        var refused = await session.QueryAsync<RefusedReceipt>("refused", after: RefusedReceipt.OrderOf(before, ""), limit: Batch, cancellationToken: cancellationToken);
        var terms = await session.QueryAsync<ErasureActLine>("day", atMost: ErasureActLine.PlaceOf(DateOnly.FromDateTime(before.UtcDateTime)), limit: Batch, cancellationToken: cancellationToken);
        if (rows.Count + refused.Count + terms.Count == 0) return false;

        // The keys first: rows that a crash leaves behind are found again, keys without rows would not be.
        foreach (var key in rows.Select(row => row.Document?.DataKey).OfType<DataKeyId>()) await module.Keys.DestroyAsync(key, cancellationToken);
        string[] certificates = [.. rows.SelectMany(row => Enumerable.Range(1, Math.Max(1, row.Document?.OnHoldCertificates ?? 1)).Select(number => ErasureCertificate.OnHoldIdOf(row.Id, number)).Append(row.Id))];
        await session.LoadManyAsync<ErasureCertificate>(certificates, cancellationToken);
        foreach (var row in rows) session.Delete<ErasureCase>(row.Id);
        foreach (var certificate in certificates) session.Delete<ErasureCertificate>(certificate);

        foreach (var receipt in refused) session.Delete<RefusedReceipt>(receipt.Id);
        foreach (var term in terms) session.Delete<ErasureActLine>(term.Id);
        await session.CommitAsync(cancellationToken);
        await module.Store.ScrubAsync(cancellationToken);
        return rows.Count == Batch || refused.Count == Batch || terms.Count == Batch;
    }

    [LoggerMessage(LogLevel.Warning, "Forgetting old erasure cases failed ({Error}); it is tried again")]
    private partial void LogFailed(string error);
}
