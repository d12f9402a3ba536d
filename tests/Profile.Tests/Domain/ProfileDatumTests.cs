using System.Text.Json;
using Personalization.Platform.Privacy;
using Personalization.Profile.Domain;
using Xunit;

namespace Personalization.Profile.Tests.Domain;

public sealed class ProfileDatumTests
{
    private static readonly ProfileDatum Datum = new()
    {
        SubjectRef = "s1_person",
        Epoch = 2,
        ConsentVersion = 3,
        EventType = "film.rated",
        Source = "/cinema",
        EventId = "event",
        Fields =
        [
            new ProfileField("filmId", JsonElement.Parse("\"f1\""), "viewing", ["marketing-groups", "recommendations"]),
            new ProfileField("rating", JsonElement.Parse("4"), "opinion", ["recommendations"]),
        ],
        Time = Given.Now,
        ReceivedAt = Given.Now,
        ExpiresAt = Given.Now.AddDays(30),
    };

    private static readonly SubjectGate Gate = Given.Gate(Given.Grant("recommendations", "viewing"), Given.Grant("recommendations", "opinion"), Given.Grant("marketing-groups", "viewing"));

    [Fact]
    public void Is_gone_from_the_moment_it_expires()
    {
        Assert.NotNull(Datum.PermittedBy(Gate, Datum.ExpiresAt.AddTicks(-1)));
        Assert.Null(Datum.PermittedBy(Gate, Datum.ExpiresAt));
    }

    [Fact]
    public void Is_not_permitted_in_another_epoch_or_by_a_grant_later_than_itself()
    {
        Assert.Null(Datum.PermittedBy(Gate with { Epoch = 3 }, Given.Now));
        Assert.Null(Datum.PermittedBy(Gate with { Grants = [.. Gate.Grants.Select(grant => grant with { GrantedAt = Given.Now.AddTicks(1) })] }, Given.Now));
        Assert.Null(Datum.PermittedBy(SubjectGate.Closed("s1_person"), Given.Now));
    }

    [Fact]
    public void Shows_only_the_fields_and_purposes_that_are_permitted()
    {
        var without = Datum.PermittedBy(Gate with { Grants = [Given.Grant("marketing-groups", "viewing")] }, Given.Now)!;

        Assert.Equal(["marketing-groups"], Assert.Single(without.Fields).Purposes);
        Assert.Equal(Datum.Fields.Select(field => field.Name), Datum.PermittedBy(Gate, Given.Now)!.Fields.Select(field => field.Name));
    }

    [Fact]
    public void Keeps_nothing_that_no_purpose_justifies_any_more()
    {
        Assert.Null(Datum.Keep((_, _) => false));
        Assert.Equal("filmId", Assert.Single(Datum.Keep((purpose, _) => purpose == "marketing-groups")!.Fields).Name);
        Assert.Equal(["recommendations"], Datum.Keep((purpose, category) => (purpose, category) == ("recommendations", "viewing"))!.Fields.SelectMany(field => field.Purposes));
    }

    [Fact]
    public void Is_of_one_place_whatever_the_epoch_and_of_another_key()
    {
        var later = Datum with { Epoch = 3 };

        Assert.Equal(Datum.Id, later.Id);
        Assert.NotEqual(Datum.DataKey, later.DataKey);
    }
}
