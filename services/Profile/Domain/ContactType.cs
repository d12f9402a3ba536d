using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Personalization.Platform.Storage;

namespace Personalization.Profile.Domain;

/// <summary>A kind of contact data: what it may be kept for. What isn't declared isn't taken.</summary>
public sealed partial record ContactType : IDocument
{
    /// <summary>An e-mail address.</summary>
    public const string Email = "email";

    /// <summary>A phone number in international form.</summary>
    public const string Phone = "phone";

    private const int LongestEmail = 254;
    private const int LongestDescription = 1000;
    private const int MostPurposes = 20;

    /// <summary>Every kind there can be.</summary>
    public static readonly IReadOnlyList<string> All = [Email, Phone];

    /// <inheritdoc/>
    [JsonIgnore]
    public string Id => Type;

    /// <summary><c>email</c> or <c>phone</c>.</summary>
    public required string Type { get; init; }

    /// <summary>What it is used for, in a sentence.</summary>
    public required string Description { get; init; }

    /// <summary>The category of data that people decide on.</summary>
    public required string Category { get; init; }

    /// <summary>What it may be used for, in ordinal order; at least one.</summary>
    public required IReadOnlyList<string> Purposes { get; init; }

    /// <summary>Whether the text is of the form that contact data of the type has; not whether anybody is reached by it.</summary>
    public static bool IsWellFormed(string type, string value) => type == Email ? value.Length <= LongestEmail && EmailForm().IsMatch(value) : PhoneForm().IsMatch(value);

    /// <summary>What is wrong with the declaration; empty if it can be used.</summary>
    public IReadOnlyList<DeclarationError> Check()
    {
        var wrong = new List<DeclarationError>();
        if (!All.Contains(Type)) wrong.Add(new("type", $"One of {string.Join(", ", All)}."));
        if (Description.Length is 0 or > LongestDescription) wrong.Add(new("description", $"1 to {LongestDescription} characters that say what it is for."));
        if (!Name().IsMatch(Category)) wrong.Add(new("category", "The category of data: lower-case letters, digits and '-'."));
        if (Purposes.Count is 0 or > MostPurposes || !Purposes.All(purpose => Name().IsMatch(purpose)))
            wrong.Add(new("purposes", $"1 to {MostPurposes} purposes' ids: lower-case letters, digits and '-'."));
        return wrong;
    }

    [GeneratedRegex(@"^[^\s@<>]+@[^\s@<>.]+(\.[^\s@<>.]+)+$", RegexOptions.NonBacktracking)]
    private static partial Regex EmailForm();

    [GeneratedRegex(@"^\+[1-9][0-9]{6,14}$", RegexOptions.NonBacktracking)]
    private static partial Regex PhoneForm();

    [GeneratedRegex("^[a-z0-9-]{1,64}$", RegexOptions.NonBacktracking)]
    private static partial Regex Name();
}
