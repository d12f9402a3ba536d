using Personalization.Portal.Parts;

namespace Personalization.Portal.Pages;

/// <summary>How people decide.</summary>
/// <param name="Report">Counts per purpose and day.</param>
/// <param name="Purposes">What people are asked: the names.</param>
public sealed record ConsentReportModel(ConsentReport Report, IReadOnlyList<Purpose> Purposes);

/// <summary>How people decide.</summary>
public sealed partial class ConsentReportPage
{
    private IEnumerable<(Purpose Purpose, ConsentTotal? Total, IReadOnlyList<ConsentDay> Days)> Purposes => Model.Purposes.Select(purpose => (
        purpose, Model.Report.Totals.FirstOrDefault(total => total.Purpose == purpose.Id), (IReadOnlyList<ConsentDay>)[.. Model.Report.Items.Where(day => day.Purpose == purpose.Id)]));

    private string Tell(SuppressedCount count) => count.Count is { } told ? Visitor.Number(told) : Say($"меньше {Model.Report.SuppressBelow}", $"under {Model.Report.SuppressBelow}");

    private IReadOnlyList<ChartBar> Bars(IReadOnlyList<ConsentDay> days, Func<ConsentDay, SuppressedCount> of) =>
        [.. days.Select(day => new ChartBar(Visitor.Day(new DateTimeOffset(day.Day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero)), of(day).Count ?? 0, Tell(of(day))))];
}
