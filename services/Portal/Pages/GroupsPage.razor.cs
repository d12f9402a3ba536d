namespace Personalization.Portal.Pages;

/// <summary>Segments and groups.</summary>
/// <param name="Segments">Rules that somebody wrote.</param>
/// <param name="Groups">What was found in the data, by purpose.</param>
/// <param name="Purposes">What people are asked: the names.</param>
public sealed record GroupsModel(IReadOnlyList<SegmentCount> Segments, IReadOnlyList<LearntGroups> Groups, IReadOnlyList<Purpose> Purposes);

/// <summary>Segments and groups.</summary>
public sealed partial class GroupsPage
{
    private double Most => Math.Max(1, Model.Segments.Max(segment => segment.People.Count ?? 0));

    private string PurposeName(string id) => Model.Purposes.FirstOrDefault(purpose => purpose.Id == id)?.NoticeIn(Visitor.Language).Title ?? id;

    // What sets a group apart most, the largest difference first.
    private static IEnumerable<KeyValuePair<string, double>> Telling(LearntGroup group) =>
        group.Differences.Where(difference => Math.Abs(difference.Value) >= .25).OrderByDescending(difference => Math.Abs(difference.Value)).Take(3);

    private string WhyNone(string? reason) => reason switch
    {
        "not-learnt-yet" => Say("Группы ещё не искали: это происходит раз в несколько минут.", "They haven’t been looked for yet: that happens every few minutes."),
        "nothing-stands-apart" => Say("Люди ведут себя похоже: групп, которые отличались бы, нет.", "People behave alike: there are no groups that stand apart."),
        "groups-too-small" => Say("Группы есть, но каждая так мала, что в ней кого-нибудь узнали бы.", "There are groups, but each is so small that somebody could be recognized in it."),
        _ => Say("Людей пока слишком мало, чтобы увидеть группы и никого в них не узнать.", "There are too few people so far to see groups and recognize nobody in them."),
    };

    // The service letters its groups.
    private string Name(LearntGroup group) => group.Name.Replace("group ", Say("группа ", "group "), StringComparison.Ordinal);

    private string Trait(string name) => name switch
    {
        "frequency" => Say("частота", "frequency"),
        "recency" => Say("давность", "recency"),
        "variety" => Say("разнообразие", "variety"),
        "value" => Say("оценка или сумма", "value"),
        "morning" => Say("утро", "mornings"),
        "evening" => Say("вечер", "evenings"),
        "night" => Say("ночь", "nights"),
        "weekend" => Say("выходные", "weekends"),
        _ => name,
    };
}
