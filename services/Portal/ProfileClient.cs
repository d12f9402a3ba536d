using System.Text.Json;

namespace Personalization.Portal;

/// <summary>What the pages ask Profile.</summary>
internal sealed class ProfileClient(HttpClient http)
{
    private readonly ServiceApi api = new(http);

    public Task<Answer<Figures>> FiguresAsync(Session session, CancellationToken cancellationToken) => api.GetAsync<Figures>(session, "/internal/figures/profile", cancellationToken);

    /// <summary>A page of what is held of a person.</summary>
    public Task<Answer<HeldData>> DataAsync(Session person, string? after, CancellationToken cancellationToken) =>
        api.GetAsync<HeldData>(person, $"/profiles/{Uri.EscapeDataString(person.CustomerId!)}{(after is null ? "" : $"?after={Uri.EscapeDataString(after)}")}", cancellationToken);

    public Task<Answer<Items<Contact>>> ContactsAsync(Session person, CancellationToken cancellationToken) =>
        api.GetAsync<Items<Contact>>(person, $"/profiles/{Uri.EscapeDataString(person.CustomerId!)}/contacts", cancellationToken);

    public Task<Answer<Items<EventType>>> EventTypesAsync(Session session, CancellationToken cancellationToken) => api.GetAsync<Items<EventType>>(session, "/event-types", cancellationToken);

    public Task<Answer<EventStats>> StatsAsync(Session session, string type, CancellationToken cancellationToken) =>
        api.GetAsync<EventStats>(session, $"/event-types/{Uri.EscapeDataString(type)}/stats", cancellationToken);

    public Task<Answer<FieldUsage>> UsageAsync(Session session, string type, CancellationToken cancellationToken) =>
        api.GetAsync<FieldUsage>(session, $"/event-types/{Uri.EscapeDataString(type)}/usage", cancellationToken);

    public Task<Answer<Items<SegmentCount>>> SegmentsAsync(Session session, CancellationToken cancellationToken) => api.GetAsync<Items<SegmentCount>>(session, "/segments", cancellationToken);

    public Task<Answer<Items<LearntGroups>>> GroupsAsync(Session session, CancellationToken cancellationToken) => api.GetAsync<Items<LearntGroups>>(session, "/groups", cancellationToken);

    /// <summary>A page of what waits, or was resolved.</summary>
    public Task<Answer<Items<QuarantineItem>>> QuarantineAsync(Session session, string state, string? after, CancellationToken cancellationToken) =>
        api.GetAsync<Items<QuarantineItem>>(session, $"/quarantine?state={state}{(after is null ? "" : $"&after={Uri.EscapeDataString(after)}")}", cancellationToken);

    /// <summary>Has a message replayed or discarded.</summary>
    public Task<Answer<object>> ResolveAsync(Session session, string id, string decision, string reason, CancellationToken cancellationToken) =>
        api.SendAsync<object>(session, HttpMethod.Post, $"/quarantine/{Uri.EscapeDataString(id)}/{decision}", new { reason }, cancellationToken);
}

/// <summary>A page of what is held of a person, with what is made of all of it on the first.</summary>
public sealed record HeldData(IReadOnlyList<HeldEvent> Items, string? Next = null, IReadOnlyList<Trait>? Traits = null);

/// <summary>What is held of one event.</summary>
public sealed record HeldEvent(string EventType, string Source, DateTimeOffset Time, DateTimeOffset ReceivedAt, DateTimeOffset ExpiresAt, IReadOnlyList<HeldField> Fields);

/// <summary>A value that is held, why, and what used it.</summary>
public sealed record HeldField(string Name, JsonElement Value, string Category, IReadOnlyList<string> Purposes, IReadOnlyList<FieldUse> UsedBy);

/// <summary>What took a value into account.</summary>
public sealed record FieldUse(string Kind, string Name, DateOnly On, string Purpose);

/// <summary>What is made of a person's data.</summary>
public sealed record Trait(string Name, string Description, string Purpose, JsonElement Value);

/// <summary>How a person is reached.</summary>
public sealed record Contact(string Type, string Value, string Category, IReadOnlyList<string> Purposes, DateTimeOffset StoredAt, DateTimeOffset ExpiresAt);

/// <summary>What product services may send.</summary>
public sealed record EventType(string Type, string Description, IReadOnlyDictionary<string, DeclaredField> Fields);

/// <summary>A field of it.</summary>
public sealed record DeclaredField(string Category);

/// <summary>What came, by day and source.</summary>
/// <param name="From">The first day, UTC.</param>
/// <param name="To">The last.</param>
/// <param name="Items">Those that something came on.</param>
public sealed record EventStats(DateOnly From, DateOnly To, IReadOnlyList<EventDay> Items);

/// <summary>What came from a source on a day.</summary>
public sealed record EventDay(DateOnly Day, long Accepted, IReadOnlyList<RefusedEvents> Refused, IReadOnlyList<RefusedEvents> Quarantined, IReadOnlyList<DroppedFields> Dropped);

/// <summary>What was refused, and why.</summary>
public sealed record RefusedEvents(string Reason, long Count);

/// <summary>Whose values were dropped, and why.</summary>
public sealed record DroppedFields(string Field, string Reason, long Count);

/// <summary>What uses a type's fields.</summary>
public sealed record FieldUsage(IReadOnlyList<FieldUses> Items);

/// <summary>What uses a field.</summary>
public sealed record FieldUses(string Field, bool IsUnused, IReadOnlyList<FieldUse> UsedBy);

/// <summary>A segment, and how many people it holds for.</summary>
/// <param name="Segment">The rule.</param>
/// <param name="People">How many.</param>
/// <param name="IsComplete">Whether everybody was looked at.</param>
public sealed record SegmentCount(Segment Segment, SuppressedCount People, bool IsComplete = true);

/// <summary>A rule over profiles.</summary>
public sealed record Segment(string Id, string Title, string Purpose, IReadOnlyList<string> Channels);

/// <summary>The groups found for a purpose.</summary>
/// <param name="Purpose">The purpose.</param>
/// <param name="Groups">The groups; none with a reason.</param>
/// <param name="LearntAt">When they were found, UTC; null: not yet.</param>
/// <param name="Of">Of how many people.</param>
/// <param name="Reason">Why there are none; null: there are some.</param>
public sealed record LearntGroups(string Purpose, IReadOnlyList<LearntGroup> Groups, DateTimeOffset? LearntAt = null, long? Of = null, string? Reason = null);

/// <summary>A group, and what sets it apart, in standard deviations.</summary>
public sealed record LearntGroup(string Name, SuppressedCount People, IReadOnlyDictionary<string, double> Differences);

/// <summary>A message that waits for an operator.</summary>
public sealed record QuarantineItem(string Id, string State, string Reason, DateTimeOffset ReceivedAt, DateTimeOffset ExpiresAt, int Size, bool IsAboutSomebody, string? Type = null, string? Source = null,
    QuarantineResolution? Resolution = null);

/// <summary>What was done with one.</summary>
public sealed record QuarantineResolution(string Action, string Because, DateTimeOffset At, string? Outcome = null, string? Reason = null);
