using System.Text.Json;
using Personalization.Platform;
using Personalization.Profile.Domain;
using Xunit;

namespace Personalization.Profile.Tests.Domain;

public sealed class GroupModelTests
{
    private const string Purpose = "marketing-groups";

    [Fact]
    public void Groups_that_stand_apart_are_found_and_described_by_what_distinguishes_them()
    {
        var model = Learn([.. People(60, frequency: 3, evening: 0.9), .. People(40, frequency: 0.2, morning: 0.8, weekend: 0.9)], suppressBelow: 20);

        Assert.Equal(["group A", "group B"], model.Groups.Select(group => group.Name));
        Assert.Equal([60L, 40L], model.Groups.Select(group => group.People.Count));
        Assert.Contains("often", model.Groups[0].Description, StringComparison.Ordinal);
        Assert.Contains("weekends", model.Groups[1].Description, StringComparison.Ordinal);
        Assert.InRange(model.Silhouette!.Value, 0.5, 1);
        Assert.True(model.Groups[0].Differences["frequency"] > 0 && model.Groups[1].Differences["frequency"] < 0);
        Assert.Equal(0, model.Groups[0].Differences["value"]);
    }

    [Fact]
    public void A_group_under_the_threshold_is_not_even_kept()
    {
        var model = Learn([.. People(60, frequency: 3, evening: 0.9), .. People(19, frequency: 0.2, morning: 0.8)], suppressBelow: 20);

        Assert.Equal([60L], model.Groups.Select(group => group.People.Count));
    }

    [Fact]
    public void Where_nothing_stands_apart_there_are_no_groups()
    {
        var random = new Random(1);

        Assert.Equal("nothing-stands-apart", Learn([.. Enumerable.Range(0, 200).Select(_ => Enumerable.Range(0, 8).Select(_ => random.NextDouble()).ToArray())], suppressBelow: 20).Reason);
        Assert.Equal("nothing-stands-apart", Learn([.. Enumerable.Repeat(People(1, frequency: 1).Single(), 100)], suppressBelow: 20).Reason);
        Assert.Equal("too-few-people", Learn([], suppressBelow: 0).Reason);
        Assert.Equal("too-few-people", Learn([.. People(20, frequency: 3), .. People(19, frequency: 0.1)], suppressBelow: 20).Reason);
        Assert.Equal(
            "groups-too-small", Learn([.. People(18, frequency: 3), .. People(18, frequency: 0.1, morning: 0.9), .. People(18, frequency: 0.1, evening: 0.9)], suppressBelow: 27).Reason);
    }

    [Fact]
    public void Of_several_divisions_one_is_taken_that_leaves_no_group_too_small_to_be_told()
    {
        // Three by their silhouette, of which one would be left out; two are told whole.
        double[][] people = [.. People(60, frequency: 3), .. People(30, frequency: 0.2, morning: 0.8), .. People(15, frequency: 0.2, evening: 0.9)];

        Assert.Equal([60L, 30L, 15L], Learn(people, suppressBelow: 1).Groups.Select(group => group.People.Count));
        Assert.Equal([60L, 40L], Learn(people, suppressBelow: 20).Groups.Select(group => group.People.Count));
        Assert.Null(Learn(people, suppressBelow: 20).Reason);
    }

    [Fact]
    public void The_same_people_give_the_same_groups_and_a_sample_stands_for_all()
    {
        double[][] people = [.. People(60, frequency: 3, evening: 0.9), .. People(40, frequency: 0.2, morning: 0.8)];

        Assert.Equal(Text(Learn(people, 20)), Text(Learn(people, 20)));
        Assert.Equal([600L, 400L], GroupModel.Learn(Purpose, people, 1000, 20, Given.Now).Groups.Select(group => group.People.Count));

        static string Text(GroupModel model) => JsonSerializer.Serialize(model, Json.Options);
    }

    [Fact]
    public void The_silhouette_is_that_of_its_definition()
    {
        double[][] points = [[0], [1], [10], [12]];

        // By hand: (11, 1), (10, 1), (9.5, 2), (11.5, 2) are the mean distances to the other and the own group.
        Assert.Equal(((10 / 11.0) + (9 / 10.0) + (7.5 / 9.5) + (9.5 / 11.5)) / 4, KMeans.Silhouette(points, [0, 0, 1, 1]), 10);
        var clustering = KMeans.Divide(points, 2);
        Assert.Equal([0.5, 11], clustering.Means.Select(mean => mean[0]).Order());
        Assert.Equal(2.5, clustering.Inertia, 10);
        Assert.Equal(0, KMeans.Divide([[5], [5], [5]], 2).Inertia);
    }

    [Fact]
    public void Behaviour_is_how_often_and_when_and_says_nothing_of_what()
    {
        var type = Given.Type(
            new SignalDeclaration("filmId", "rating"), ("filmId", Given.Field(FieldType.String, "viewing", Purpose)), ("rating", Given.Field(FieldType.Number, "opinion", "recommendations")));
        Dictionary<string, EventType> types = new() { [type.Type] = type };
        var gate = Given.Gate(Given.Grant(Purpose, "viewing", Given.Now.AddDays(-80)), Given.Grant("recommendations", "opinion", Given.Now.AddDays(-80)));

        // 2026-03-01 is a Sunday, Given.Now its noon.
        ProfileDatum[] data = [Rated("a", "f1", -4), Rated("b", "f1", 0), Rated("c", "f2", -24), Rated("d", "f3", -17)];
        var numbers = Behaviour.Of(Observations.Of(data, gate, Purpose), types, new UsableFields(Purpose, types), Given.Now.AddDays(12))!;

        Assert.Equal([Math.Log(1 + (4 * 7 / 13.0)), Math.Log(13), 0.75, double.NaN, 0.25, 0.25, 0, 1], numbers);
        Assert.Null(Behaviour.Of(Observations.Of([], gate, Purpose), types, new UsableFields(Purpose, types), Given.Now));

        static ProfileDatum Rated(string id, string film, int hours) => new()
        {
            SubjectRef = "s1_person",
            Epoch = 2,
            ConsentVersion = 3,
            EventType = "film.rated",
            Source = "/cinema",
            EventId = id,
            Fields =
            [
                new ProfileField("filmId", JsonSerializer.SerializeToElement(film), "viewing", [Purpose]),
                new ProfileField("rating", JsonSerializer.SerializeToElement(5), "opinion", ["recommendations"]),
            ],
            Time = Given.Now.AddHours(hours),
            ReceivedAt = Given.Now,
            ExpiresAt = Given.Now.AddDays(300),
        };
    }

    private static GroupModel Learn(double[][] people, int suppressBelow) => GroupModel.Learn(Purpose, people, people.Length, suppressBelow, Given.Now);

    /// <summary>People around given numbers, none of whom rated anything.</summary>
    private static double[][] People(int count, double frequency, double morning = 0.1, double evening = 0.1, double weekend = 0.3)
    {
        var random = new Random(7);
        return [.. Enumerable.Range(0, count).Select(_ => (double[])[frequency + Near(), 2 + Near(), 0.5 + Near(), double.NaN, morning + Near(), evening + Near(), 0.05, weekend + Near()])];

        double Near() => (random.NextDouble() - 0.5) / 10;
    }
}
