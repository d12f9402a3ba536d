using System.Globalization;

namespace Personalization.Platform.Privacy;

/// <summary>
/// Values of a declared field that finds a subject's documents up to an epoch, page by page, without opening them: so also those whose
/// key is gone.
/// </summary>
public static class SubjectIndex
{
    /// <summary>The value of one document. Values are ordered by epoch, then by place.</summary>
    /// <param name="subjectRef">The subject.</param>
    /// <param name="epoch">The epoch that the document belongs to.</param>
    /// <param name="place">Tells the document from the subject's others: letters, digits, '-', '_'. Empty where no paging is needed.</param>
    public static string Of(string subjectRef, int epoch, string place = "") => string.Create(CultureInfo.InvariantCulture, $"{subjectRef}/{epoch:D10}/{place}");

    /// <summary>Less than every value of the subject.</summary>
    public static string Before(string subjectRef) => subjectRef + "/";

    /// <summary>Not less than any value of the subject up to and in that epoch, and less than those of later ones.</summary>
    public static string Through(string subjectRef, int epoch) => Of(subjectRef, epoch, "~");
}
