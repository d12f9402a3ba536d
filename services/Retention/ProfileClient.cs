using System.Net.Http.Json;
using System.Text.Json;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace Personalization.Retention;

/// <summary>Asks Profile what other retention rules would erase, which takes its time, and who is told of erasures.</summary>
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

    /// <summary>The product services and processors that are registered there, as erasure cases name them.</summary>
    /// <exception cref="HttpRequestException">Profile can't be reached.</exception>
    /// <exception cref="TimeoutRejectedException">It didn't answer in time.</exception>
    public async Task<IReadOnlyList<string>> ParticipantsAsync(CancellationToken cancellationToken) => await Pipeline.ExecuteAsync<IReadOnlyList<string>>(
        async token =>
        {
            var answer = await http.GetFromJsonAsync<Registered>(new Uri("/participants", UriKind.Relative), Json.Options, token) ?? throw new HttpRequestException("Profile answered without a body.");
            return [.. answer.Items.Select(participant => participant.Participant)];
        },
        cancellationToken);

    private sealed record Registered(IReadOnlyList<RegisteredParticipant> Items);

    private sealed record RegisteredParticipant(string Participant);
}
