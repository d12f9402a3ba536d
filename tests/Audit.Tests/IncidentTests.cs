using Personalization.Audit.Domain;
using Personalization.Contracts.Audit;
using Personalization.Platform.Storage;
using Xunit;

namespace Personalization.Audit.Tests;

public sealed class IncidentTests
{
    private static readonly DateTimeOffset Noticed = new(2026, 11, 2, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public void No_more_people_are_concerned_than_documents_keys_or_decisions_were_counted()
    {
        Assert.Equal(100, MostOf(documents: 100, keys: 500, decided: 900));
        Assert.Equal(40, MostOf(documents: 100, keys: 40, decided: 900));
        Assert.Equal(25, MostOf(documents: 100, keys: 40, decided: 25));
        Assert.Null(MostOf(documents: null, keys: 40, decided: 25));

        static long? MostOf(long? documents, long keys, long decided) => Recorded.Mapped(Maps(documents, keys, decided, Noticed)).SubjectsAtMost;
    }

    [Fact]
    public void A_later_map_adds_people_and_takes_none_away()
    {
        var later = Noticed.AddHours(1);
        var incident = Recorded.Mapped(Maps(10, 500, 500, Noticed));
        var grown = incident.Mapped(Maps(30, 500, 500, later));
        var shrunk = grown.Mapped(Maps(5, 500, 500, later));

        Assert.Equal((10, 30, 30), (incident.SubjectsAtMost, grown.SubjectsAtMost, shrunk.SubjectsAtMost));
        Assert.Equal((5L, later), (shrunk.Affected.Single().Documents, shrunk.Affected.Single().CountedAt));
    }

    private static Incident Recorded => new()
    {
        Id = "1",
        What = "A copy was found.",
        NoticedAt = Noticed,
        RecordedAt = Noticed,
        Services = ["profile"],
        Categories = ["viewing"],
        Measures = [],
        Notices = Incident.NoticesOf(Noticed),
    };

    private static DataMapAnnounced[] Maps(long? documents, long keys, long decided, DateTimeOffset at) =>
    [
        new()
        {
            Participant = "profile",
            Region = "ru",
            AnnouncedAt = at,
            Collections =
            [
                Entry("profile_data", "data", documents) with
                {
                    Contents = new CollectionContents
                    {
                        What = Holds.Text("what customers did", "действия клиентов"),
                        Data = [Holds.Data("film.rated/filmId", "viewing", DataClassification.Ordinary, Holds.Consent)],
                        Keeping = Holds.ByRetentionRules,
                    },
                },
                Entry("data_keys", "keys", keys),
            ],
        },
        new() { Participant = "consent", Region = "ru", AnnouncedAt = at, Collections = [Entry("consent_records", "data", decided)] },
    ];

    private static DataMapEntry Entry(string name, string store, long? documents) =>
        new() { Name = name, Store = store, Encryption = "sealed", Contents = Holds.Nobody(name, name), Documents = documents };
}
