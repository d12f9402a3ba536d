using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>What ends by the retention rules in one write, per person: told with that write, because the act of the day has to name it.</summary>
/// <param name="module">Whose signature it gets.</param>
internal sealed class ExpiredData(ServiceModule module)
{
    private readonly Dictionary<(string SubjectRef, int Epoch), (long Version, Dictionary<(string Store, string Category), long> Counts)> people = [];

    /// <summary>A datum that goes, or is left as <paramref name="kept"/>, but for what the law keeps of it.</summary>
    public void Add(ProfileDatum datum, ProfileDatum? kept, LegalKeeping keeping)
    {
        foreach (var field in datum.Without(kept).Where(field => !keeping.Of(field.Category, field.Purposes, isWhole: true).Keeps))
            Add(datum.SubjectRef, datum.Epoch, datum.ConsentVersion, "profile_data", field.Category);
    }

    /// <summary>A contact that goes, unless the law keeps it.</summary>
    public void Add(ContactEntry entry, LegalKeeping keeping)
    {
        if (!keeping.Of(entry.Category, entry.Purposes, isWhole: true).Keeps) Add(entry.SubjectRef, entry.Epoch, entry.ConsentVersion, "contact_entries", entry.Category);
    }

    /// <summary>What was frozen, and no longer is.</summary>
    public void Add(HeldDatum held) => Add(held.SubjectRef, held.Epoch, 0, "held_data", held.Category);

    /// <summary>Tells of all of it through the session.</summary>
    public void Publish(DocumentSession session, long rulesVersion, DateTimeOffset now)
    {
        foreach (var (person, (version, counts)) in people)
        {
            session.Publish(module.Signer.Sign(new SubjectDataExpired
            {
                SubjectRef = person.SubjectRef,
                Epoch = person.Epoch,
                Version = version,
                Participant = module.Name,
                ErasedAt = now,
                RulesVersion = rulesVersion,
                Erased =
                [
                    .. counts.OrderBy(count => count.Key.Store, StringComparer.Ordinal).ThenBy(count => count.Key.Category, StringComparer.Ordinal)
                        .Select(count => new ErasedData { Store = count.Key.Store, Category = count.Key.Category, Count = count.Value, Method = "erased" }),
                ],
            }));
        }
    }

    private void Add(string subjectRef, int epoch, long version, string store, string category)
    {
        var known = people.GetValueOrDefault((subjectRef, epoch), (0, []));
        known.Counts[(store, category)] = known.Counts.GetValueOrDefault((store, category)) + 1;
        people[(subjectRef, epoch)] = (Math.Max(known.Version, version), known.Counts);
    }
}
