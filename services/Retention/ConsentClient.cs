using System.Net.Http.Json;
using Personalization.Platform;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace Personalization.Retention;

/// <summary>Asks Consent to revoke. Asking again changes nothing, so what failed for a moment is repeated.</summary>
public sealed class ConsentClient(HttpClient http)
{
    private static readonly ResiliencePipeline Pipeline = new ResiliencePipelineBuilder()
        .AddTimeout(TimeSpan.FromSeconds(15))
        .AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder()
                .Handle<TimeoutRejectedException>()
                .Handle<HttpRequestException>(failed => failed.StatusCode is null or >= System.Net.HttpStatusCode.InternalServerError),
            MaxRetryAttempts = 3,
            Delay = TimeSpan.FromMilliseconds(200),
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
        })
        .AddTimeout(TimeSpan.FromSeconds(5))
        .Build();

    /// <summary>Revokes all that the person permits; returns when it is recorded.</summary>
    /// <exception cref="HttpRequestException">Consent can't be reached or didn't do it.</exception>
    /// <exception cref="TimeoutRejectedException">It didn't answer in time.</exception>
    public async Task<RevokedConsents> RevokeAllAsync(string customerId, CancellationToken cancellationToken) => await Pipeline.ExecuteAsync(
        async token =>
        {
            using var response = await http.DeleteAsync(new Uri($"/consents/{Uri.EscapeDataString(customerId)}", UriKind.Relative), token);
            response.EnsureSuccessStatusCode();
            return await response.Content.ReadFromJsonAsync<RevokedConsents>(Json.Options, token) ?? throw new HttpRequestException("Consent answered without a body.");
        },
        cancellationToken);
}

/// <summary>A subject's consent with nothing granted.</summary>
/// <param name="Version">The consent version.</param>
/// <param name="Epoch">The epoch that ended last; 0 if nothing was ever granted.</param>
/// <param name="CaseId">The erasure case of the last revocation, this one or an earlier; null if there never was one.</param>
public sealed record RevokedConsents(long Version, int Epoch, string? CaseId = null);
