namespace Personalization.Portal.Pages;

/// <summary>Audiences.</summary>
/// <param name="Segments">Who may be reached, in numbers.</param>
/// <param name="Purposes">What people are asked: the names.</param>
public sealed record AudiencesModel(Items<SegmentCount> Segments, IReadOnlyList<Purpose> Purposes);

/// <summary>Audiences, by purpose and channel.</summary>
public sealed partial class AudiencesPage
{
    // All on one scale, so that they can be compared.
    private double Largest => Math.Max(1, Model.Segments.All.Max(segment => segment.People.Count ?? 0));

    private IEnumerable<IGrouping<string, SegmentCount>> Purposes => Model.Segments.All.GroupBy(segment => segment.Segment.Purpose);

    private string PurposeName(string id) => Model.Purposes.FirstOrDefault(purpose => purpose.Id == id)?.NoticeIn(Visitor.Language).Title ?? id;

    private static IEnumerable<(string Channel, IEnumerable<SegmentCount> Audiences)> ByChannel(IEnumerable<SegmentCount> segments) =>
        from segment in segments
        from channel in segment.Segment.Channels
        group segment by channel into reached
        orderby reached.Key
        select (reached.Key, reached.OrderByDescending(segment => segment.People.Count ?? 0).AsEnumerable());

    private string ChannelName(string channel) => channel switch
    {
        "email" => Say("Письма", "E-mail"),
        "push" => Say("Уведомления в приложении", "Push messages"),
        "sms" => Say("СМС", "Text messages"),
        "site" or "web" => Say("Сайт", "The site"),
        _ => channel,
    };
}
