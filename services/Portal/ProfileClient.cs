using System.Text.Json;

namespace Personalization.Portal;

/// <summary>What the pages ask Profile.</summary>
internal sealed class ProfileClient(HttpClient http)
{
    private readonly ServiceApi api = new(http);

    /// <summary>A page of what is held of a person.</summary>
    public Task<Answer<HeldData>> DataAsync(Session person, string? after, CancellationToken cancellationToken) =>
        api.GetAsync<HeldData>(person, $"/profiles/{Uri.EscapeDataString(person.CustomerId!)}{(after is null ? "" : $"?after={Uri.EscapeDataString(after)}")}", cancellationToken);

    public Task<Answer<Items<Contact>>> ContactsAsync(Session person, CancellationToken cancellationToken) =>
        api.GetAsync<Items<Contact>>(person, $"/profiles/{Uri.EscapeDataString(person.CustomerId!)}/contacts", cancellationToken);
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
