using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>What became of the contacts; never the contacts themselves.</summary>
/// <param name="Stored">Those kept, and for what.</param>
/// <param name="Refused">Those not kept, and why.</param>
public sealed record ContactsOutcome(IReadOnlyList<StoredContact> Stored, IReadOnlyList<RefusedContact> Refused);

/// <summary>A contact that is kept.</summary>
public sealed record StoredContact(string Type, string Category, IReadOnlyList<string> Purposes, DateTimeOffset ExpiresAt);

/// <summary>A contact that isn't kept.</summary>
/// <param name="Type">The contact type.</param>
/// <param name="Reason">A stable word.</param>
public sealed record RefusedContact(string Type, string Reason);

/// <summary>Replaces a person's contacts: each is kept only for declared purposes that the person consents to now, and only as long as a rule says.</summary>
internal static class PutContacts
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPut("/profiles/{customerId}/contacts", HandleAsync)
        .AllowRoles(Roles.Product)
        .WithSummary("Replace a person's contacts (email, phone); what is left out is deleted");

    private static async Task<Results<Ok<ContactsOutcome>, ProblemHttpResult>> HandleAsync(
        string customerId, Dictionary<string, string?> contacts, ServiceModule module, DocumentSession session, SubjectRefs refs, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!SubjectRefs.IsCustomerId(customerId)) return Problems.BadCustomerId();
        var given = contacts.Where(contact => contact.Value is not null).ToDictionary(contact => contact.Key, contact => contact.Value!);
        if (contacts.Keys.Except(ContactType.All).Any() || given.Any(contact => !ContactType.IsWellFormed(contact.Key, contact.Value)))
        {
            // Nothing of it is repeated: a member that nobody knows may be an address as well.
            return Problems.Of(
                StatusCodes.Status400BadRequest, "bad-contacts", "The contacts can't be read as such.",
                "Members are email (name@example.org) and phone (+ and 7 to 15 digits). Nothing was changed.");
        }

        if (!module.Lease.IsValid) return Problems.ConsentUnknown();
        var subject = refs.Of(customerId);
        var gate = await session.LoadAsync<SubjectGate>(subject, cancellationToken) ?? SubjectGate.Closed(subject);
        session.Require<SubjectGate>(gate.Id);
        var types = await session.LoadManyAsync<ContactType>([.. ContactType.All], cancellationToken);
        var rules = await session.LoadAsync<RetentionRules>(RetentionRules.Only, cancellationToken) ?? RetentionRules.None;
        await session.LoadManyAsync<ContactEntry>([.. ContactType.All.Select(type => ContactEntry.IdOf(subject, type))], cancellationToken);

        var now = time.GetUtcNow();
        var outcome = new ContactsOutcome([], []);
        foreach (var type in ContactType.All)
        {
            string? refused = null;
            var entry = given.TryGetValue(type, out var value) ? ContactEntry.Of(types.GetValueOrDefault(type), value, gate, rules, now, out refused) : null;
            if (refused is not null) outcome = outcome with { Refused = [.. outcome.Refused, new RefusedContact(type, refused)] };
            if (entry is null)
            {
                session.Delete<ContactEntry>(ContactEntry.IdOf(subject, type));
                continue;
            }

            session.Store(entry);
            outcome = outcome with { Stored = [.. outcome.Stored, new StoredContact(type, entry.Category, entry.Purposes, entry.ExpiresAt)] };
        }

        return TypedResults.Ok(outcome);
    }
}
