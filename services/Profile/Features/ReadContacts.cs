using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>A contact of a person.</summary>
public sealed record Contact(string Type, string Value, string Category, IReadOnlyList<string> Purposes, DateTimeOffset StoredAt, DateTimeOffset ExpiresAt);

/// <summary>The contacts of a person that the caller may use now.</summary>
/// <param name="Items">The contacts.</param>
/// <param name="Hints">To staff: what is shown, what for, and how it may be used.</param>
public sealed record ContactsAnswer(IReadOnlyList<Contact> Items, IReadOnlyList<FieldHint>? Hints = null);

/// <summary>How a person is reached: for whoever a read rule lets read it for a purpose that the person consents to, each time on record; and for the person.</summary>
internal static class ReadContacts
{
    private const string Data = "contacts";

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/profiles/{customerId}/contacts", HandleAsync)
        .AllowRoles(Roles.Subject, Roles.Product, Roles.Officer, Roles.Operator)
        .ShowsStaffByConsent(Data)
        .WithSummary("A person's contacts, for a purpose they consent to")
        .WithDescription("Needs ?purpose= (a person reading their own doesn't), and a read rule that lets the caller's role read the category for it. Every read is audited.");

    private static async Task<Results<Ok<ContactsAnswer>, RecordedRefusal, ProblemHttpResult>> HandleAsync(
        string customerId, ClaimsPrincipal caller, HttpContext http, ServiceModule module, DocumentSession session, SubjectRefs refs, DecideReads reads, TimeProvider time,
        CancellationToken cancellationToken, string? purpose = null)
    {
        if (!SubjectRefs.IsCustomerId(customerId)) return Problems.BadCustomerId();
        var subject = refs.Of(customerId);
        var gate = await session.LoadAsync<SubjectGate>(subject, cancellationToken) ?? SubjectGate.Closed(subject);
        ReadDecision? decision = null;
        if (!caller.HasClaim("role", Roles.Subject))
        {
            if (!module.Lease.IsValid) return Problems.ConsentUnknown();
            decision = await reads.DecideAsync(caller, purpose, gate, session, cancellationToken);
            if (decision.Refusal is not null) return reads.Refuse(caller, decision, Data, gate, session);
        }

        var now = time.GetUtcNow();
        var held = await session.LoadManyAsync<ContactEntry>([.. ContactType.All.Select(type => ContactEntry.IdOf(subject, type))], cancellationToken);
        ContactEntry[] shown =
        [
            .. held.Values.Select(entry => decision is null ? entry.KeptBy(gate, now) : entry.PermittedBy(gate, now)).OfType<ContactEntry>()
                .Where(entry => decision?.Shows(entry.Category, entry.Purposes) != false).OrderBy(entry => entry.Type, StringComparer.Ordinal),
        ];
        if (decision is not null) reads.Record(caller, decision, Data, shown.Select(entry => entry.Category), gate, session);
        var hints = decision is not null && StaffReads.IsStaff(caller.Role) ? await FieldHints.OfAsync(http, decision.Purpose!, [.. shown.Select(entry => entry.Category)]) : null;
        return TypedResults.Ok(new ContactsAnswer(
            [.. shown.Select(entry => new Contact(entry.Type, entry.Value, entry.Category, entry.Purposes, entry.StoredAt, entry.ExpiresAt))], hints));
    }
}
