using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Personalization.Contracts.Audit;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Platform.Http;

/// <summary>What staff are told of a kind of data that they are shown, in their language.</summary>
/// <param name="Field">Its name in the data map.</param>
/// <param name="Category">Its category.</param>
/// <param name="What">What it says.</param>
/// <param name="For">What it is kept for, and by what right.</param>
/// <param name="Use">How it may be used.</param>
public sealed record FieldHint(string Field, string Category, string What, string For, string Use);

/// <summary>Makes the hints of what the data map says, so that they can't say anything else.</summary>
public static class FieldHints
{
    /// <summary>The hints on what the request's endpoint shows of these categories; Russian or English by <c>Accept-Language</c>, English if neither is wanted.</summary>
    /// <param name="http">The request.</param>
    /// <param name="purpose">What it is read for.</param>
    /// <param name="categories">Those shown.</param>
    public static async Task<IReadOnlyList<FieldHint>> OfAsync(HttpContext http, string purpose, IReadOnlyCollection<string> categories)
    {
        var isRussian = Accept.ChooseLanguage(http.Request, "en", "ru") == "ru";
        var module = http.RequestServices.GetRequiredService<ServiceModule>();
        var way = $"{http.Request.Method} {(http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText}";
        var map = await module.DescribeAsync(
            new DataMapAnnounced { Participant = module.Name, Region = "", AnnouncedAt = default, Collections = [] }, http.RequestServices, module.OpenSession(), http.RequestAborted);
        http.Response.Headers.Append("Vary", "Accept-Language");
        return
        [
            .. from collection in map.Collections
               where collection.Contents.ReadBy?.Any(reader => reader.StartsWith(way + ":", StringComparison.Ordinal)) == true
               from data in collection.Contents.Data
               where categories.Contains(data.Category)
               group (collection.Contents, data) by data.Name into same
               let first = same.First()
               select new FieldHint(first.data.Name, first.data.Category, first.data.Description ?? Say(first.Contents.What), ForOf(first.data), UseOf(first.data)),
        ];

        string Say(Wording wording) => isRussian ? wording.Ru : wording.En;

        string ForOf(HeldData data) => (data.LawfulBasis, data.Purposes.Count) switch
        {
            (_, > 0) => $"{Say(Holds.Text("Kept with the person's consent, for", "Хранится с согласия субъекта для целей"))}: {string.Join(", ", data.Purposes)}.",
            (Holds.Consent, _) => Say(Holds.Text("Kept with the person's consent.", "Хранится с согласия субъекта.")),
            (Holds.LegalObligation, _) => Say(Holds.Text("Kept because the law requires it.", "Хранится по требованию закона.")),
            _ => Say(Holds.Text("Kept to protect the data itself.", "Хранится для защиты самих данных.")),
        };

        string UseOf(HeldData data)
        {
            var use = $"{Say(Holds.Text("Use it only for", "Используйте только для цели"))} {purpose}.";
            return data.Classification switch
            {
                DataClassification.DirectIdentifier => $"{use} {Say(Holds.Text("It names the person: don't pass it on.", "Называет субъекта: не передавайте дальше."))}",
                DataClassification.Sensitive => $"{use} {Say(Holds.Text("It is sensitive: don't copy it.", "Чувствительные сведения: не копируйте."))}",
                DataClassification.Pseudonym => $"{use} {Say(Holds.Text("It stands for a person: don't find out whom.", "Обозначает субъекта: не выясняйте, кого."))}",
                _ => $"{use} {Say(Holds.Text("Don't copy it out of the system.", "Не копируйте из системы."))}",
            };
        }
    }
}
