using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Personalization.Contracts;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Security;
using Personalization.Platform.Storage;
using Personalization.Retention.Documents;
using Personalization.Retention.Domain;

namespace Personalization.Retention.Features;

/// <summary>A person wants to see what is held of them. Every participant is asked; what they answer waits, sealed, until all of them have, or the deadline is near.</summary>
public static class RequestExport
{
    /// <summary>Who can answer. A participant that isn't among them, a product service for example, holds what the person has to ask for there.</summary>
    private static readonly HashSet<string> Answering = [.. Topology.Subscriptions.Where(subscription => subscription.Message == typeof(ExportSubject)).Select(subscription => subscription.Service)];

    /// <summary>Maps the endpoint.</summary>
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/exports", HandleAsync)
        .AllowRolesAndAnyPerson(Roles.Product, Roles.Officer)
        .ShowsNobody()
        .Repeatable<RequestedExport>()
        .Produces<ExportView>(StatusCodes.Status202Accepted)
        .WithSummary("Ask for everything that is held of a person")
        .WithDescription(
            "The password of the archive is in this answer and nowhere else. An export of the person that wasn't fetched yet is cancelled; its clock runs on. "
            + "language: ru or en, of the page in the archive; both if left out.");

    private static async Task<Results<RequestedExport, ProblemHttpResult>> HandleAsync(
        Request request, ClaimsPrincipal caller, SubjectRefs refs, ServiceModule module, DocumentSession session, IOptions<DeploymentOptions> deployment, IOptions<RetentionOptions> options,
        TimeProvider time, CancellationToken cancellationToken)
    {
        if (!SubjectRefs.IsCustomerId(request.CustomerId)) return Problems.BadCustomerId();
        if (caller.IsSomebodyElse(request.CustomerId)) return Problems.Of(StatusCodes.Status403Forbidden, "forbidden", "The caller's role does not allow this.", "A person asks for their own data.");
        if (ExportWords.In(request.Language).Count == 0) return ReadCertificate.UnknownLanguage();

        var now = time.GetUtcNow();
        var subject = refs.Of(request.CustomerId);
        var due = ExportDeadline.Of(now, options.Value.ExportWorkingDays, options.Value.Terms);
        foreach (var earlier in await OpenOfAsync(subject, session, cancellationToken))
        {
            // Asking again buys no time for whoever has to answer.
            if (earlier.State == ExportState.Collecting && earlier.DueAt < due) due = earlier.DueAt;
            session.Store(earlier.End(ExportState.Cancelled, now));
        }

        var keys = SealedBox.NewKeys();
        var (asked, others) = (deployment.Value.Participants.Where(Answering.Contains).Append(module.Name), deployment.Value.Participants.Where(participant => !Answering.Contains(participant)));
        var export = new ExportCase
        {
            Id = Guid.CreateVersion7(now).ToString("N"),
            SubjectRef = subject,
            Language = request.Language,
            PublicKey = Convert.ToBase64String(keys.PublicKey),
            RequestedAt = now,
            DueAt = due,
            Participants = [.. asked.Distinct().Order(StringComparer.Ordinal)],
            Missing = [.. others.Select(participant => new MissingPart(participant, MissingReason.TakesNoPart))],
        };
        var pending = new PendingExport { Id = export.Id, SubjectRef = subject, CustomerId = request.CustomerId, PrivateKey = keys.PrivateKey, Password = ExportPassword.New() };
        session.Store(pending);
        Send(export, now, module, options.Value, session);
        return new RequestedExport(export, now, pending.Password);
    }

    /// <summary>Sends an export to those who haven't answered, again or for the first time.</summary>
    internal static void Send(ExportCase export, DateTimeOffset now, ServiceModule module, RetentionOptions options, DocumentSession session)
    {
        session.Store(export.Sent(now, TimeSpan.FromSeconds(options.ResendAfterSeconds), TimeSpan.FromSeconds(options.ResendAtMostSeconds)));
        session.Publish(module.Signer.Sign(export.Command()));
    }

    /// <summary>The person's exports that haven't ended.</summary>
    internal static async Task<IReadOnlyList<ExportCase>> OpenOfAsync(string subjectRef, DocumentSession session, CancellationToken cancellationToken) =>
        [.. (await session.QueryAsync<ExportCase>("subject", after: SubjectIndex.Before(subjectRef), atMost: SubjectIndex.Through(subjectRef, 0), cancellationToken: cancellationToken))
            .Where(export => export.Outcome is null)];

    /// <summary>Whose data.</summary>
    public sealed record Request
    {
        /// <summary>The caller's id of the person.</summary>
        public required string CustomerId { get; init; }

        /// <summary>The language of the page in the archive.</summary>
        public string? Language { get; init; }
    }
}

/// <summary>The answer, with the password the first time only.</summary>
internal sealed class RequestedExport(ExportCase export, DateTimeOffset now, string? password) : IRepeatableResult<RequestedExport>
{
    public static async Task<RequestedExport> RecallAsync(string remembered, HttpContext http)
    {
        var session = http.RequestServices.GetRequiredService<DocumentSession>();
        var export = await session.LoadAsync<ExportCase>(remembered, http.RequestAborted) ?? throw new InvalidOperationException("An export outlives the memory of its request.");
        return new RequestedExport(export, http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow(), null);
    }

    public string Remember() => export.Id;

    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.Headers.Location = $"/exports/{export.Id}";
        httpContext.Response.Headers.CacheControl = "private, no-store";
        httpContext.Response.StatusCode = StatusCodes.Status202Accepted;
        return httpContext.Response.WriteAsJsonAsync(ExportView.Of(export, now) with { Password = password }, Json.Options, httpContext.RequestAborted);
    }
}
