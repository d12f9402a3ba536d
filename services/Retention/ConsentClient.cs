using System.Net.Http.Json;
using Personalization.Platform;
using Personalization.Retention.Domain;
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

    /// <summary>Revokes one purpose; returns when it is recorded, and in force where all services could be heard of in time.</summary>
    /// <returns>Null if Consent knows no such purpose.</returns>
    /// <exception cref="HttpRequestException">Consent can't be reached or didn't do it.</exception>
    /// <exception cref="TimeoutRejectedException">It didn't answer in time.</exception>
    public async Task<RevokedPurpose?> RevokeAsync(string customerId, string purpose, CancellationToken cancellationToken) => await Pipeline.ExecuteAsync(
        async token =>
        {
            using var response = await http.DeleteAsync(new Uri($"/consents/{Uri.EscapeDataString(customerId)}/{Uri.EscapeDataString(purpose)}", UriKind.Relative), token);
            if (response.StatusCode == System.Net.HttpStatusCode.NotFound) return null;
            var revoked = await BodyAsync<RevokedConsents>(response, token);
            return new RevokedPurpose(purpose, revoked.Version, InForce: response.StatusCode == System.Net.HttpStatusCode.OK, revoked.CaseId);
        },
        cancellationToken);

    /// <summary>The catalogue of purposes.</summary>
    /// <exception cref="HttpRequestException">Consent can't be reached.</exception>
    /// <exception cref="TimeoutRejectedException">It didn't answer in time.</exception>
    public async Task<IReadOnlyList<DeclaredPurpose>> PurposesAsync(CancellationToken cancellationToken) => await Pipeline.ExecuteAsync(
        async token =>
        {
            using var response = await http.GetAsync(new Uri("/purposes", UriKind.Relative), token);
            return (await BodyAsync<DeclaredPurposes>(response, token)).Items;
        },
        cancellationToken);

    /// <summary>Purposes that are direct marketing.</summary>
    /// <exception cref="HttpRequestException">Consent can't be reached.</exception>
    /// <exception cref="TimeoutRejectedException">It didn't answer in time.</exception>
    public async Task<IReadOnlyList<string>> MarketingPurposesAsync(CancellationToken cancellationToken) =>
        [.. (await PurposesAsync(cancellationToken)).Where(purpose => purpose.Type == "marketing").Select(purpose => purpose.Id)];

    /// <summary>Revokes all that the person permits; returns when it is recorded.</summary>
    /// <exception cref="HttpRequestException">Consent can't be reached or didn't do it.</exception>
    /// <exception cref="TimeoutRejectedException">It didn't answer in time.</exception>
    public async Task<RevokedConsents> RevokeAllAsync(string customerId, CancellationToken cancellationToken) => await Pipeline.ExecuteAsync(
        async token =>
        {
            using var response = await http.DeleteAsync(new Uri($"/consents/{Uri.EscapeDataString(customerId)}", UriKind.Relative), token);
            return await BodyAsync<RevokedConsents>(response, token);
        },
        cancellationToken);

    /// <summary>Keeps all data of somebody who wants to be forgotten from use; returns when it is recorded, and in force where all services could be heard of in time.</summary>
    /// <returns>The restriction, the same however often it is asked for while it stands.</returns>
    /// <exception cref="HttpRequestException">Consent can't be reached or didn't do it.</exception>
    /// <exception cref="TimeoutRejectedException">It didn't answer in time.</exception>
    public async Task<RestrictedUse> RestrictAsync(string customerId, CancellationToken cancellationToken) => await Pipeline.ExecuteAsync(
        async token =>
        {
            using var response = await http.PostAsJsonAsync(new Uri("/restrictions", UriKind.Relative), new { customerId, reason = "erasurePending" }, Json.Options, token);
            return await BodyAsync<RestrictedUse>(response, token);
        },
        cancellationToken);

    /// <summary>Lifts a restriction, if it stands.</summary>
    /// <exception cref="HttpRequestException">Consent can't be reached or didn't do it.</exception>
    /// <exception cref="TimeoutRejectedException">It didn't answer in time.</exception>
    public async Task LiftRestrictionAsync(string restrictionId, CancellationToken cancellationToken) => await Pipeline.ExecuteAsync(
        async token =>
        {
            using var response = await http.DeleteAsync(new Uri($"/restrictions/{restrictionId}", UriKind.Relative), token);
            if (response.StatusCode != System.Net.HttpStatusCode.NotFound) response.EnsureSuccessStatusCode();
        },
        cancellationToken);

    private static async Task<T> BodyAsync<T>(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadFromJsonAsync<T>(Json.Options, cancellationToken) ?? throw new HttpRequestException("Consent answered without a body.");
    }

    private sealed record DeclaredPurposes(IReadOnlyList<DeclaredPurpose> Items);
}
