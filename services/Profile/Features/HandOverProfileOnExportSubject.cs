using MassTransit;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>Profile's part of an export.</summary>
public sealed class HandOverProfileOnExportSubject(SubjectExport export, ProfileExport profile, DocumentSession session) : IConsumer<ExportSubject>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<ExportSubject> context) => export.HandleAsync(context.Message, profile, session, context.CancellationToken);
}

/// <summary>
/// Each datum with its category, what justifies keeping it, since when and until when, where it is from and what uses it; and the contacts from the
/// vault. As in every answer, what consent no longer permits is about to be erased and isn't given; what a restriction keeps from use is held, and is.
/// </summary>
public sealed class ProfileExport(TimeProvider time) : IExportParticipant
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<ExportedDatum>> ExportAsync(string subjectRef, DocumentSession session, CancellationToken cancellationToken)
    {
        var gate = await session.LoadAsync<SubjectGate>(subjectRef, cancellationToken) ?? SubjectGate.Closed(subjectRef);
        var now = time.GetUtcNow();
        ProfileDatum[] held = [.. (await SubjectData.ReadAsync(session, gate, cancellationToken)).Select(datum => datum.KeptBy(gate, now)).OfType<ProfileDatum>()];
        var usages = await session.LoadManyAsync<FieldUsage>([.. held.Select(datum => datum.EventType)], cancellationToken);
        var contacts = await session.LoadManyAsync<ContactEntry>([.. ContactType.All.Select(type => ContactEntry.IdOf(subjectRef, type))], cancellationToken);
        return
        [
            .. held.OrderBy(datum => datum.Time).SelectMany(datum => datum.Fields.Select(field => new ExportedDatum
            {
                Store = "profile_data",
                Name = $"{datum.EventType}/{field.Name}",
                Value = field.Value,
                Category = field.Category,
                Purposes = field.Purposes,
                Since = datum.Time,
                Until = datum.ExpiresAt,
                From = datum.Source,
                UsedBy = [.. usages.GetValueOrDefault(datum.EventType)?.UsesOf(field, datum.ReceivedAt.DayOf(), now.DayOf()).Select(TextOf) ?? []],
            })),
            .. contacts.Values.Select(entry => entry.KeptBy(gate, now)).OfType<ContactEntry>().OrderBy(entry => entry.Type, StringComparer.Ordinal).Select(entry => new ExportedDatum
            {
                Store = "contact_entries",
                Name = entry.Type,
                Value = ExportedDatum.ValueOf(entry.Value),
                Category = entry.Category,
                Purposes = entry.Purposes,
                Since = entry.StoredAt,
                Until = entry.ExpiresAt,
            }),
        ];
    }

    // As the profile's page has it: what, for which purpose, and the last day.
    private static string TextOf(FieldUse use) => $"{System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(use.Kind.ToString())} {use.Name} ({use.Purpose}, {use.On:yyyy-MM-dd})";
}
