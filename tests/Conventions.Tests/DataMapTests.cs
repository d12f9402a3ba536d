using Personalization.Contracts.Audit;
using Personalization.Platform.Http;
using Xunit;

namespace Personalization.Conventions.Tests;

/// <summary>The data map says who reads and what the person is given by naming endpoints and events: they have to exist.</summary>
[Collection(RunningSystem.Collection)]
public sealed class DataMapTests(RunningSystem system)
{
    [Fact]
    public void What_the_data_map_says_is_read_or_given_by_somebody_is() =>
        Rule.Holds(Services.All, service => service.Built.Documents.All.SelectMany(document => Unknown($"{service}/{document.Collection}", document.Contents)));

    [Fact]
    public void A_way_that_does_not_exist_would_be_noticed() => Assert.Equal(
        ["bad: nobody reads by GET /nowhere", "bad: nobody reads by NothingHappened", "bad: a person is not given it by GET /erasures"],
        Unknown("bad", new CollectionContents
        {
            What = new Wording { En = "", Ru = "" },
            Data = [],
            ReadBy = ["GET /nowhere", "NothingHappened", "GET /profiles/{customerId}", "SignalRecorded"],
            ExportedBy = "GET /erasures",
        }));

    private IEnumerable<string> Unknown(string collection, CollectionContents contents) =>
    [
        .. (contents.ReadBy ?? []).Where(way => Readers.Of([way], system.Provider)![0] == $"{way}: ").Select(way => $"{collection}: nobody reads by {way}"),
        .. contents.ExportedBy is { } export && !Readers.Of([export], system.Provider)![0].Contains(Roles.Subject, StringComparison.Ordinal) ? (string[])[$"{collection}: a person is not given it by {export}"] : [],
    ];
}
