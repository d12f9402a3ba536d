using System.Net.Http.Json;
using System.Text.Json;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace Personalization.Retention;

/// <summary>Asks Profile what other retention rules would erase. It looks through what it holds, which takes its time.</summary>
public sealed class ProfileClient(HttpClient http)
{
    private static readonly ResiliencePipeline Pipeline = new ResiliencePipelineBuilder()
        .AddTimeout(TimeSpan.FromSeconds(60))
        .AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<HttpRequestException>(failed => failed.StatusCode is null or >= System.Net.HttpStatusCode.InternalServerError),
            MaxRetryAttempts = 2,
            Delay = TimeSpan.FromMilliseconds(200),
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
        })
        .Build();

    /// <summary>What the rules would erase there now.</summary>
    /// <exception cref="HttpRequestException">Profile can't be reached.</exception>
    /// <exception cref="TimeoutRejectedException">It didn't answer in time.</exception>
    public async Task<JsonElement> PreviewAsync(IReadOnlyList<RetentionRule> rules, CancellationToken cancellationToken) => await Pipeline.ExecuteAsync(
        async token =>
        {
            using var response = await http.PostAsJsonAsync(new Uri("/internal/retention-preview", UriKind.Relative), new { rules }, Json.Options, token);
            response.EnsureSuccessStatusCode();
            return await response.Content.ReadFromJsonAsync<JsonElement>(Json.Options, token);
        },
        cancellationToken);
}
