using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Personalization.Contracts;

namespace Personalization.Conventions.Tests;

/// <summary>The doc comments of the contracts, as the compiler wrote them out.</summary>
internal static partial class ContractDocs
{
    private static readonly Dictionary<string, XElement> Members = XDocument.Load(Path.ChangeExtension(typeof(Topology).Assembly.Location, ".xml"))
        .Descendants("member").ToDictionary(member => member.Attribute("name")!.Value);

    /// <summary>The summary of a type or a property as plain text, inherited where the comment says so; null if there is none.</summary>
    public static string? Of(MemberInfo member)
    {
        var found = Members.GetValueOrDefault(member is Type type ? $"T:{type.FullName}" : $"P:{member.DeclaringType!.FullName}.{member.Name}");
        if (found?.Element("summary") is { } summary) return Space().Replace(string.Concat(summary.Nodes().Select(Text)), " ").Trim();
        if (found?.Element("inheritdoc") is null) return null;
        return member.DeclaringType!.GetInterfaces().Select(implemented => implemented.GetProperty(member.Name)).OfType<PropertyInfo>().Select(Of).FirstOrDefault();
    }

    private static string Text(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "see" } see when see.Attribute("cref")?.Value is { } reference =>
            reference[(reference.LastIndexOf('.') + 1)..] is var name && reference[0] is 'P' or 'F' ? char.ToLowerInvariant(name[0]) + name[1..] : name,
        XElement element => element.Value,
        _ => "",
    };

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
