using Personalization.Portal.Parts;

namespace Personalization.Portal.Pages;

/// <summary>How people decide.</summary>
/// <param name="Report">Counts per purpose and day.</param>
/// <param name="Purposes">What people are asked: the names.</param>
public sealed record ConsentReportModel(ConsentReport Report, IReadOnlyList<Purpose> Purposes, IReadOnlyList<int> Periods, int Days);

/// <summary>How people decide.</summary>
public sealed partial class ConsentReportPage
{
    private IEnumerable<(Purpose Purpose, ConsentTotal? Total, IReadOnlyList<ConsentDay> Days)> Purposes => Model.Purposes.Select(purpose => (
        purpose, Model.Report.Totals.FirstOrDefault(total => total.Purpose == purpose.Id), (IReadOnlyList<ConsentDay>)[.. Model.Report.Items.Where(day => day.Purpose == purpose.Id)]));

    // From those who were shown the text to those who took their word back, on one scale.
    private IReadOnlyList<(string Name, SuppressedCount Count, string? Tone)> Funnel(ConsentTotal total) =>
    [
        (Say("Показано", "Shown"), total.Served, null), (Say("Согласились", "Agreed"), total.Granted, null),
        (Say("Отказали", "Refused"), total.Denied, "warn"), (Say("Отозвали", "Withdrew"), total.Revoked, "warn"),
    ];

    private double LargestOf(ConsentTotal total) => Math.Max(1, Funnel(total).Max(stage => stage.Count.Count ?? 0));

    private string Tell(SuppressedCount count) => count.Count is { } told ? Visitor.Number(told) : Say($"меньше {Model.Report.SuppressBelow}", $"under {Model.Report.SuppressBelow}");

    private IReadOnlyList<ChartBar> Bars(IReadOnlyList<ConsentDay> days, Func<ConsentDay, SuppressedCount> of) =>
        [.. days.Select(day => new ChartBar(Visitor.Day(new DateTimeOffset(day.Day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero)), of(day).Count ?? 0, Tell(of(day))))];
}
