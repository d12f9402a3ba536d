using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Personalization.Consent.Domain;
using Personalization.Platform;

namespace Personalization.Consent.Features;

/// <summary>Where a decision is in force.</summary>
/// <param name="State"><c>yes</c>: every serving service applied it; <c>pending</c>: not yet.</param>
/// <param name="AppliedBy">Who did, and when.</param>
/// <param name="WaitingFor">Who didn't.</param>
public sealed record InForce(string State, IReadOnlyList<AppliedBy> AppliedBy, IReadOnlyList<string> WaitingFor);

/// <summary>A serving service that applied a decision, by its own clock, UTC.</summary>
public sealed record AppliedBy(string Service, DateTimeOffset At);

/// <summary>Lets a decision's answer wait until every serving service says that its gate holds it.</summary>
public sealed class InForceWaiter(ServiceModule module, IOptions<DeploymentOptions> deployment, TimeProvider time)
{
    // What another instance of this service heard arrives by the store.
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(100);
    private readonly ConcurrentDictionary<string, Wait> waits = new();

    /// <summary>A service said that its gate holds a version. Its word counts at once; the store follows.</summary>
    public void Heard(AppliedConsent applied)
    {
        if (waits.TryGetValue(applied.SubjectRef, out var wait)) wait.Heard(applied);
    }

    /// <summary>Who applied that version or a newer one, as far as this service knows.</summary>
    public Task<InForce> ReadAsync(string subjectRef, long version, CancellationToken cancellationToken) => ReadAsync(subjectRef, version, null, cancellationToken);

    /// <summary>What each serving service last said it applied.</summary>
    public async Task<IReadOnlyList<AppliedConsent>> AppliedAsync(string subjectRef, CancellationToken cancellationToken)
    {
        var ids = deployment.Value.ServingServices.Select(service => AppliedConsent.IdOf(subjectRef, service)).ToArray();
        var stored = await module.OpenSession().LoadManyAsync<AppliedConsent>(ids, cancellationToken);
        return [.. ids.Select(stored.GetValueOrDefault).OfType<AppliedConsent>()];
    }

    /// <summary>Waits until every serving service applied it, or the time is over.</summary>
    public async Task<InForce> WaitAsync(string subjectRef, long version, TimeSpan atMost, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var wait = waits.GetOrAdd(subjectRef, _ => new Wait());
        try
        {
            while (true)
            {
                // Taken before looking, so that nothing heard in between is missed.
                var next = wait.Next;
                var state = await ReadAsync(subjectRef, version, wait, cancellationToken);
                var left = atMost - time.GetElapsedTime(started);
                if (state.WaitingFor.Count == 0 || left <= TimeSpan.Zero) return state;
                await Task.WhenAny(next, Task.Delay(left < LookAgain ? left : LookAgain, time, cancellationToken));
            }
        }
        finally
        {
            waits.TryRemove(KeyValuePair.Create(subjectRef, wait));
        }
    }

    private async Task<InForce> ReadAsync(string subjectRef, long version, Wait? wait, CancellationToken cancellationToken)
    {
        var services = deployment.Value.ServingServices;
        var applied = services.Select(service => wait?.Find(service, version)).OfType<AppliedConsent>().ToArray();
        if (applied.Length < services.Count)
        {
            var stored = await module.OpenSession().LoadManyAsync<AppliedConsent>([.. services.Select(service => AppliedConsent.IdOf(subjectRef, service))], cancellationToken);
            applied = [.. services.Select(service => applied.FirstOrDefault(a => a.Service == service) ?? stored.GetValueOrDefault(AppliedConsent.IdOf(subjectRef, service)))
                .OfType<AppliedConsent>().Where(a => a.Version >= version)];
        }

        var missing = services.Except(applied.Select(a => a.Service)).ToArray();
        return new InForce(missing.Length == 0 ? "yes" : "pending", [.. applied.Select(a => new AppliedBy(a.Service, a.AppliedAt))], missing);
    }

    /// <summary>What was heard for a subject while somebody waits.</summary>
    private sealed class Wait
    {
        private readonly ConcurrentDictionary<string, AppliedConsent> heard = new();
        private volatile TaskCompletionSource signal = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Next => signal.Task;

        public void Heard(AppliedConsent applied)
        {
            heard.AddOrUpdate(applied.Service, applied, (_, before) => before.Version > applied.Version ? before : applied);
            Interlocked.Exchange(ref signal, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        }

        public AppliedConsent? Find(string service, long version) => heard.TryGetValue(service, out var applied) && applied.Version >= version ? applied : null;
    }
}
