using System.Globalization;
using System.Text.Json.Nodes;
using Personalization.Platform.Http;

namespace Personalization.Cli;

/// <summary>The command <c>demo</c>: a cinema publishes its ratings, and one of its customers goes all the way through consent and erasure.</summary>
internal static class Demo
{
    private const int EverybodyThere = 671;

    // Enough ratings to recommend from, few enough for an answer that can be read.
    private const int FewestRatings = 20, MostRatings = 200;

    private static readonly TimeSpan InForceWithin = TimeSpan.FromMinutes(3);

    /// <exception cref="UsageException">The options contradict each other.</exception>
    public static async Task<int> RunAsync(IReadOnlyList<string> options, CancellationToken cancellationToken)
    {
        var arguments = new Arguments(options, ["--url", "--keys", "--people", "--tickets"], "--fresh", "--exit", "--wait");
        var address = Server.AddressOf(arguments["--url"]);
        var isFresh = arguments.Has("--fresh");
        if (isFresh && arguments["--url"] is not null)
            throw new UsageException($"--fresh deletes the data of the local server, {Server.Local.OriginalString}, and never those of a server that --url names. Leave one of the two out.");
        var atMost = EverybodyThere;
        if (arguments["--people"] is { } number && (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out atMost) || atMost < 50))
            throw new UsageException($"--people takes a number from 50 to {EverybodyThere}.");

        var narrator = new Narrator(Console.Out);
        if (arguments.Has("--wait")) await Server.UntilAnswersAsync(address, cancellationToken);
        var answers = await Server.AnswersAsync(address, cancellationToken);
        if (isFresh && answers) throw new CommandException($"A server runs on {address.OriginalString}. Stop it first: --fresh deletes the data of the local server.");
        if (isFresh) DemoServer.DeleteData();
        DemoServer? server = null;
        try
        {
            if (!answers && arguments["--url"] is null && !arguments.Has("--wait"))
            {
                narrator.Line($"Starting the server on {address.OriginalString}, with its data and its log in .data.");
                server = await DemoServer.StartAsync(address, cancellationToken);
            }

            var samples = Path.Combine(AppContext.BaseDirectory, "samples");
            var declarations = Declarations.Read(Path.Combine(samples, "cinema.json"));
            using var api = await Server.ConnectAsync(address, arguments["--keys"], declarations.Region, cancellationToken);
            narrator.Line($"Using {address.OriginalString}, {(server is null ? "which runs already" : "started here")}.");
            var people = Person.Of(MovieLens.Read(Path.Combine(samples, "movielens-small.csv.gz")), atMost);
            using var tickets = await ConnectToTicketOfficeAsync(arguments, narrator, cancellationToken);
            if (!await IsAsPromisedAsync(declarations, people, api, tickets, narrator, cancellationToken)) return 1;

            if (server is not null && !arguments.Has("--exit"))
            {
                narrator.Line($"The server goes on until Ctrl-C; its pages: {address.OriginalString}");
                await server.WaitAsync(cancellationToken);
            }

            return 0;
        }
        finally
        {
            if (server is not null) await server.DisposeAsync();
        }
    }

    /// <returns>Null where there is no sample of a product service: what is about it is left out then.</returns>
    private static async Task<TicketOffice?> ConnectToTicketOfficeAsync(Arguments arguments, Narrator narrator, CancellationToken cancellationToken)
    {
        var named = arguments["--tickets"];
        var address = named is null ? TicketOffice.Local : Server.AddressOf("--tickets", named, TicketOffice.Local);
        // The one beside the local server takes part in the erasures of no other.
        var tickets = named is null && arguments["--url"] is not null ? null : await TicketOffice.ConnectAsync(address, arguments["--keys"], cancellationToken);
        if (tickets is null && named is not null) throw new CommandException($"No ticket office answers on {named}.");
        if (tickets is null) narrator.Line("No ticket office runs beside it (--tickets names one), so what is about product services that hold copies is left out.");
        return tickets;
    }

    private static async Task<bool> IsAsPromisedAsync(
        Declarations declarations, IReadOnlyList<Person> people, ApiClient api, TicketOffice? tickets, Narrator narrator, CancellationToken cancellationToken)
    {
        var promises = new Promises(narrator);
        var started = TimeProvider.System.GetTimestamp();
        try
        {
            narrator.Step("The cinema declares what it collects and why", "Nothing is stored that isn't declared: purposes with their notices, event types, how long data are kept, films.");
            await Apply.ApplyAsync(declarations, api, narrator, cancellationToken);
            await PublishUndeclaredAsync(people[0], api, narrator, promises, cancellationToken);

            var (shift, isRepeat, unchanged) = await ImportConsentsAsync(declarations, people, api, narrator, promises, cancellationToken);
            await ReplayAsync(people, unchanged, shift, isRepeat, api, narrator, promises, cancellationToken);

            var customer = unchanged.FirstOrDefault(person => person is { Choice: Choice.Everything, Ratings.Count: >= FewestRatings and <= MostRatings });
            var refusing = unchanged.FirstOrDefault(person => person.Choice == Choice.Nothing);
            if (customer is null || refusing is null) throw new CommandException("Everybody has been walked through already. Start over with ./dev demo --fresh.");
            var walk = new DemoWalk(api, tickets, narrator, promises, declarations, shift);
            await walk.LearnAsync(customer, cancellationToken);
            await walk.RunAsync(customer, refusing, cancellationToken);
        }
        catch (BrokenPromiseException broken)
        {
            narrator.Line();
            narrator.Broken($"Not as promised: {broken.Message}");
            return false;
        }

        narrator.Line();
        narrator.Kept($"All {promises.Kept} promises were kept, in {TimeProvider.System.GetElapsedTime(started).TotalSeconds:N0} s.");
        return true;
    }

    private static async Task PublishUndeclaredAsync(Person person, ApiClient api, Narrator narrator, Promises promises, CancellationToken cancellationToken)
    {
        narrator.Line("     What happens to an event that isn't declared:");
        var paused = DemoReplay.EventOf(person, person.Ratings[0], TimeSpan.Zero);
        (paused["type"], paused["data"]) = ("film.paused", new JsonObject { ["filmId"] = "1", ["minute"] = 42 });
        var answer = narrator.Show(await api.SendUntilTakenAsync(narrator.Show(DemoReplay.Batch([paused], isDryRun: true)), Server.StartsWithin, cancellationToken));
        var refused = answer.IsSuccess ? answer.Body!["refused"]!.AsArray() : [];
        promises.Expect(
            refused.Count == 1 && (string?)refused[0]!["reason"] == "unknown-event-type" && refused[0]!["declare"]?["fields"]?["minute"] is not null,
            "It is refused, and the answer holds the declaration to fill in and add.", answer);
    }

    /// <returns>By how much times are shifted, whether an earlier run did so, and who has decided nothing since the import.</returns>
    private static async Task<(TimeSpan Shift, bool IsRepeat, IReadOnlyList<Person> Unchanged)> ImportConsentsAsync(
        Declarations declarations, IReadOnlyList<Person> people, ApiClient api, Narrator narrator, Promises promises, CancellationToken cancellationToken)
    {
        narrator.Step(
            "It takes over what its customers decided", "Each decision is dated a minute before the person's first rating: an event counts only if consent was there before it.");
        narrator.Show(ApiRequest.Get("/consents/{customerId}", Roles.Product));
        narrator.Line($"     for {Narrator.Number(people.Count)} people: an earlier run's times are kept, so that an event is the same event again");
        var before = await DemoConsents.ReadAsync(people, api, cancellationToken);
        var earlier = TimeShift.Recover(people.Zip(before, (person, consents) => (person, DemoConsents.GrantedAt(consents))));
        var shift = earlier ?? TimeShift.UpTo(TimeProvider.System.GetUtcNow(), people);
        narrator.Line($"     all times are moved by {shift.TotalDays:N0} days, so that the last rating is of {people.Max(person => person.Ratings[^1].Time) + shift:yyyy-MM-dd HH:mm} UTC");

        var purposes = await api.SendUntilTakenAsync(ApiRequest.Get("/purposes", Roles.Product), Server.StartsWithin, cancellationToken);
        var versions = purposes.Body!["items"]!.AsArray().ToDictionary(purpose => (string)purpose!["id"]!, purpose => (int)purpose!["noticeVersion"]!);
        var lines = DemoConsents.Lines(people, declarations.Purposes, versions, shift);
        var import = narrator.Show(await api.SendUntilTakenAsync(narrator.Show(ApiRequest.Post("/consents:import", Roles.Product, lines)), Server.StartsWithin, cancellationToken));
        promises.Expect(import.IsSuccess, "The import is answered, line by line.", import);

        var after = await DemoConsents.ReadAsync(people, api, cancellationToken);
        Person[] unchanged = [.. people.Where((person, index) => DemoConsents.IsAsImported(person, after[index], declarations.Purposes, shift))];
        var changed = people.Except(unchanged).Select(person => person.CustomerId).ToHashSet();
        var refused = import.Body!["refused"]!.AsArray().Select(line => (Customer: (string)lines[(int)line!["index"]!]["customerId"]!, Reason: (string)line["reason"]!)).ToArray();
        promises.Expect(
            refused.All(line => changed.Contains(line.Customer) && line.Reason == "stale-decision"),
            changed.Count == 0 ? "Every decision is taken over." : $"Every decision is taken over, but for those of {changed.Count} who decided anew since.", refused.FirstOrDefault());

        foreach (var group in unchanged.GroupBy(person => person.Choice).OrderBy(group => group.Key))
            narrator.Line($"     {Narrator.Number(group.Count())} {Describe(group.Key)}");
        await AwaitInForceAsync([.. unchanged.Where(person => person.Choice != Choice.Nothing)], shift, api, narrator, promises, cancellationToken);
        return (shift, earlier is not null, unchanged);
    }

    private static async Task AwaitInForceAsync(
        IReadOnlyList<Person> consenting, TimeSpan shift, ApiClient api, Narrator narrator, Promises promises, CancellationToken cancellationToken)
    {
        ApiRequest[] requests = [.. consenting.Chunk(500).Select(chunk => DemoReplay.Batch(chunk.Select(person => DemoReplay.EventOf(person, person.Ratings[0], shift)), isDryRun: true))];
        narrator.Show(requests[0]);
        var started = TimeProvider.System.GetTimestamp();
        var waiting = requests.ToList();
        ApiAnswer? last = null;
        while (waiting.Count > 0 && TimeProvider.System.GetElapsedTime(started) < InForceWithin)
        {
            last = await api.SendUntilTakenAsync(waiting[0], InForceWithin, cancellationToken);
            if (!last.IsSuccess) throw new CommandException($"POST /events?dryRun=true answered {last}");
            if (last.Body!["refused"] is JsonArray { Count: 0 }) waiting.RemoveAt(0);
            else await Task.Delay(TimeSpan.FromMilliseconds(250), TimeProvider.System, cancellationToken);
        }

        if (last is not null) narrator.Show(last);
        promises.Expect(waiting.Count == 0, $"The consents are in force: an event of each of the {Narrator.Number(consenting.Count)} who consented would be accepted.");
    }

    private static async Task ReplayAsync(
        IReadOnlyList<Person> people, IReadOnlyList<Person> unchanged, TimeSpan shift, bool isRepeat, ApiClient api, Narrator narrator, Promises promises, CancellationToken cancellationToken)
    {
        narrator.Step("It publishes what they rated", "CloudEvents in batches, in the order of time. The service decides on each event, and on each field of it.");
        var tally = await new DemoReplay(api, narrator).RunAsync(people, shift, cancellationToken);
        narrator.Line($"     {tally}");
        foreach (var choice in Enum.GetValues<Choice>())
        {
            var expected = DemoReplay.Expected(choice);
            var (count, otherwise) = tally.Compare(unchanged.Where(person => person.Choice == choice), expected, isRepeat);
            promises.Expect(otherwise is null, $"Each event of those who {Describe(choice)} is {expected}: {Narrator.Number(count)}.", otherwise);
        }

        promises.Expect(tally.Done == tally.Total, "Every event was answered for.");
    }

    private static string Describe(Choice choice) => choice switch
    {
        Choice.Everything => "allow everything",
        Choice.ViewingOnly => "allow what they watched, not how they liked it",
        _ => "refuse everything",
    };
}
