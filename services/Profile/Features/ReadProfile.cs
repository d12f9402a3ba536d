using System.Security.Claims;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>What is held of one event.</summary>
/// <param name="EventType">The declared type.</param>
/// <param name="Source">The publishing system.</param>
/// <param name="EventId">A keyed hash of the event's subject, source and id.</param>
/// <param name="Time">When it happened.</param>
/// <param name="ReceivedAt">When it came here.</param>
/// <param name="ExpiresAt">When it is deleted at the latest.</param>
/// <param name="Fields">Each with what justifies keeping it, and what uses it.</param>
public sealed record ProfileItem(
    string EventType, string Source, string EventId, DateTimeOffset Time, DateTimeOffset ReceivedAt, DateTimeOffset ExpiresAt, IReadOnlyList<ShownField> Fields);

/// <summary>A value that is held.</summary>
/// <param name="Name">The declared name.</param>
/// <param name="Value">Text, number or boolean.</param>
/// <param name="Category">Its category of data.</param>
/// <param name="Purposes">What justifies keeping it.</param>
/// <param name="LastUsedOn">The last day (UTC) that anything named in <paramref name="UsedBy"/> took it into account; null: nothing did.</param>
/// <param name="UsedBy">What took it into account for these purposes, and the last day each did.</param>
public sealed record ShownField(
    string Name, JsonElement Value, string Category, IReadOnlyList<string> Purposes, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] DateOnly? LastUsedOn, IReadOnlyList<FieldUse> UsedBy);

/// <summary>A page of a profile.</summary>
/// <param name="Items">What may be used now.</param>
/// <param name="Next">Value of <c>after</c> for the next page; null: the last one.</param>
/// <param name="Traits">On the first page: what is made of all the data now.</param>
/// <param name="Hints">To staff: what is shown, what for, and how it may be used.</param>
public sealed record ProfileAnswer(IReadOnlyList<ProfileItem> Items, string? Next, IReadOnlyList<TraitValue>? Traits, IReadOnlyList<FieldHint>? Hints = null);

/// <summary>
/// Each datum held of a person, with its category and what justifies keeping it. What consent no longer permits is not shown, erased or not
/// yet. The person sees all of it, what a restriction keeps from use too; others what a read rule lets their role see for the purpose they name, and each such read is on record.
/// </summary>
internal static class ReadProfile
{
    private const int Page = 200;
    private const string Data = "profile";

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/profiles/{customerId}", HandleAsync)
        .AllowRoles(Roles.Subject, Roles.Officer, Roles.Operator)
        .ShowsStaffByConsent(Data)
        .WithSummary("What is held of a person; staff name the purpose of use")
        .WithDescription("Staff need ?purpose=, a read rule that lets their role read for it, and the person's consent to it. Every such read is audited, refused ones too.");

    private static async Task<Results<Ok<ProfileAnswer>, RecordedRefusal, ProblemHttpResult>> HandleAsync(
        string customerId, ClaimsPrincipal caller, HttpContext http, ServiceModule module, DocumentSession session, SubjectRefs refs, DecideReads reads, TimeProvider time,
        CancellationToken cancellationToken, string? purpose = null, string? after = null)
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

        var from = SubjectIndex.Of(subject, gate.Epoch, after ?? "");
        var rows = await session.QueryRowsAsync<ProfileDatum>(
            "subject", after: from, atMost: SubjectIndex.Through(subject, gate.Epoch), limit: Page, cancellationToken: cancellationToken);
        var now = time.GetUtcNow();
        ProfileDatum[] held = [.. rows.Select(row => decision is null ? row.Document?.KeptBy(gate, now) : row.Document?.PermittedBy(gate, now)).OfType<ProfileDatum>()];
        var usages = await session.LoadManyAsync<FieldUsage>([.. held.Select(datum => datum.EventType)], cancellationToken);
        ProfileItem[] items =
        [
            .. held.Select(datum => ItemOf(datum, decision, usages.GetValueOrDefault(datum.EventType), now.DayOf())).Where(item => item.Fields.Count > 0),
        ];
        var traits = after is null
            ? await ListTraits.OfAsync(session, gate, (category, purposes) => decision?.Shows(category, purposes) != false, now, cancellationToken)
            : null;
        IReadOnlyList<FieldHint>? hints = null;
        if (decision is not null)
        {
            string[] categories = [.. items.SelectMany(item => item.Fields).Select(field => field.Category).Concat((traits ?? []).SelectMany(trait => trait.Categories)).Distinct()];
            hints = await FieldHints.OfAsync(http, decision.Purpose!, categories);
            reads.Record(caller, decision, Data, categories, gate, session);
            await session.UseAsync(
                items.SelectMany(item => item.Fields.Select(field => new TakenField(item.EventType, field.Name))),
                new FieldUse(UseKind.Staff, decision.Purpose!, now.DayOf(), decision.Purpose!), cancellationToken);
        }

        return TypedResults.Ok(new ProfileAnswer(items, rows.Count < Page ? null : rows[^1].Value[(rows[^1].Value.LastIndexOf('/') + 1)..], traits, hints));
    }

    private static ProfileItem ItemOf(ProfileDatum datum, ReadDecision? decision, FieldUsage? usage, DateOnly today) => new(
        datum.EventType, datum.Source, datum.EventId, datum.Time, datum.ReceivedAt, datum.ExpiresAt,
        [.. datum.Fields.Where(field => decision?.Shows(field.Category, field.Purposes) != false).Select(field => ShownOf(field, [.. usage?.UsesOf(field, datum.ReceivedAt.DayOf(), today) ?? []]))]);

    private static ShownField ShownOf(ProfileField field, IReadOnlyList<FieldUse> uses) =>
        new(field.Name, field.Value, field.Category, field.Purposes, uses.Count == 0 ? null : uses[0].On, uses);
}
