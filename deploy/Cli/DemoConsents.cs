using System.Text.Json;
using System.Text.Json.Nodes;
using Personalization.Platform;
using Personalization.Platform.Http;

namespace Personalization.Cli;

/// <summary>A line of <c>POST /consents:import</c>.</summary>
internal sealed record ConsentLine(
    string CustomerId, string Purpose, string Decision, IReadOnlyList<string>? Categories, int NoticeVersion, string Language, string Channel, DateTimeOffset DecidedAt);

/// <summary>What the people of the demo decided, as the cinema takes it over and as the server knows it.</summary>
internal static class DemoConsents
{
    private const string Granted = "granted", Denied = "denied";

    /// <summary>What stays of a purpose's categories for those who allow only one.</summary>
    private const string Viewing = "viewing";

    /// <summary>A line for each person and purpose.</summary>
    public static IReadOnlyList<JsonNode> Lines(IEnumerable<Person> people, IReadOnlyList<DeclaredPurpose> purposes, IReadOnlyDictionary<string, int> noticeVersions, TimeSpan shift) =>
    [
        .. from person in people
           from purpose in purposes
           let granted = GrantedOf(person.Choice, purpose)
           select JsonSerializer.SerializeToNode(
               new ConsentLine(
                   person.CustomerId, purpose.Id, granted.Count > 0 ? Granted : Denied, granted.Count > 0 ? granted : null,
                   noticeVersions[purpose.Id], "ru", "import", person.DecidedAt + shift),
               Json.Options)!,
    ];

    /// <summary>The categories that a choice grants of a purpose.</summary>
    public static IReadOnlyList<string> GrantedOf(Choice choice, DeclaredPurpose purpose) => choice switch
    {
        Choice.Everything => purpose.Categories,
        Choice.ViewingOnly => [.. purpose.Categories.Where(category => category == Viewing)],
        _ => [],
    };

    /// <summary>What the server knows of each person, in their order.</summary>
    public static async Task<IReadOnlyList<JsonNode>> ReadAsync(IReadOnlyList<Person> people, ApiClient api, CancellationToken cancellationToken)
    {
        var answers = new JsonNode[people.Count];
        await Parallel.ForAsync(0, people.Count, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellationToken }, async (index, token) =>
        {
            var answer = await api.SendUntilTakenAsync(ApiRequest.Get($"/consents/{people[index].CustomerId}", Roles.Product), Server.StartsWithin, token);
            answers[index] = answer is { IsSuccess: true, Body: { } body } ? body : throw new CommandException($"GET /consents/{{customerId}} answered {answer}");
        });
        return answers;
    }

    /// <summary>When the person granted something, if they did and still do.</summary>
    public static DateTimeOffset? GrantedAt(JsonNode consents) => CategoriesOf(consents)
        .Where(category => category.Decision == Granted).Select(category => category.GrantedAt).FirstOrDefault();

    /// <summary>Whether the person has decided nothing since the import.</summary>
    public static bool IsAsImported(Person person, JsonNode consents, IReadOnlyList<DeclaredPurpose> purposes, TimeSpan shift)
    {
        var decidedAt = person.DecidedAt + shift;
        var known = CategoriesOf(consents).ToDictionary(category => (category.Purpose, category.Category));
        return purposes.All(purpose =>
        {
            var granted = GrantedOf(person.Choice, purpose);
            return purpose.Categories.All(category => known.TryGetValue((purpose.Id, category), out var now)
                && (granted.Contains(category) ? now.Decision == Granted && now.GrantedAt == decidedAt : now.Decision == Denied));
        });
    }

    private static IEnumerable<(string Purpose, string Category, string? Decision, DateTimeOffset? GrantedAt)> CategoriesOf(JsonNode consents) =>
        from purpose in consents["purposes"]!.AsArray()
        from category in purpose!["categories"]!.AsArray()
        select ((string)purpose["purpose"]!, (string)category!["category"]!, (string?)category["decision"], (DateTimeOffset?)category["grantedAt"]);
}
