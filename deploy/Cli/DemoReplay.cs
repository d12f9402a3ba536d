using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Personalization.Platform;
using Personalization.Platform.Http;

namespace Personalization.Cli;

/// <summary>The cinema publishes its ratings: in the order of time, several batches under way at once.</summary>
internal sealed class DemoReplay(ApiClient api, Narrator narrator)
{
    public const string EventType = "film.rated";

    private const string BatchContentType = "application/cloudevents-batch+json";
    private const int BatchSize = 500;
    private const int UnderWay = 4;
    private static readonly TimeSpan RetryWithin = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan LineEvery = Narrator.IsTerminal ? TimeSpan.FromMilliseconds(100) : TimeSpan.FromSeconds(5);

    /// <summary>A batch of CloudEvents, as <c>POST /events</c> takes it.</summary>
    public static ApiRequest Batch(IEnumerable<JsonNode> events, bool isDryRun = false) => new(HttpMethod.Post, isDryRun ? "/events?dryRun=true" : "/events", Roles.Product)
    {
        ContentType = BatchContentType,
        Body = new JsonArray([.. events]),
    };

    /// <summary>A rating as the CloudEvent that the cinema publishes.</summary>
    public static JsonObject EventOf(Person person, Rating rating, TimeSpan shift, string? id = null) => new()
    {
        ["specversion"] = "1.0",
        ["id"] = id ?? rating.EventId,
        ["source"] = "/cinema",
        ["type"] = EventType,
        ["subject"] = person.CustomerId,
        ["time"] = Json.FormatTime(rating.Time + shift),
        ["data"] = new JsonObject { ["filmId"] = rating.Film.ToString(CultureInfo.InvariantCulture), ["rating"] = rating.Value },
    };

    /// <summary>What has to become of each event of somebody who chose so.</summary>
    public static Outcome Expected(Choice choice) => choice switch
    {
        Choice.Everything => Outcome.Accepted,
        Choice.ViewingOnly => new Outcome(null, "rating", "no-consent"),
        _ => new Outcome("no-consent"),
    };

    /// <summary>What the answer to a batch says of each of its events.</summary>
    public static IReadOnlyList<Outcome> OutcomesOf(JsonNode answer, int count)
    {
        var outcomes = new Outcome[count];
        Array.Fill(outcomes, Outcome.Accepted);
        foreach (var dropped in answer["dropped"]!.AsArray())
            outcomes[(int)dropped!["index"]!] = new Outcome(null, (string?)dropped["field"], (string?)dropped["reason"]);
        foreach (var refused in answer["refused"]!.AsArray())
            outcomes[(int)refused!["index"]!] = new Outcome((string)refused["reason"]!);
        return outcomes;
    }

    /// <summary>Publishes all ratings of these people.</summary>
    /// <exception cref="CommandException">The server doesn't take a batch.</exception>
    public async Task<ReplayTally> RunAsync(IReadOnlyList<Person> people, TimeSpan shift, CancellationToken cancellationToken)
    {
        var ratings = people.SelectMany(person => person.Ratings.Select(rating => (Person: person, Rating: rating)))
            .OrderBy(entry => entry.Rating.Time).ThenBy(entry => entry.Rating.User).ThenBy(entry => entry.Rating.Film)
            .ToArray();
        var tally = new ReplayTally(ratings.Length);
        var lastLine = TimeProvider.System.GetTimestamp();
        narrator.Show(Batch(ratings.Take(BatchSize).Select(entry => EventOf(entry.Person, entry.Rating, shift))));
        await Parallel.ForEachAsync(ratings.Chunk(BatchSize), new ParallelOptions { MaxDegreeOfParallelism = UnderWay, CancellationToken = cancellationToken }, async (batch, token) =>
        {
            var answer = await api.SendUntilTakenAsync(Batch(batch.Select(entry => EventOf(entry.Person, entry.Rating, shift))), RetryWithin, token);
            if (!answer.IsSuccess) throw new CommandException($"POST /events answered {answer}");
            var outcomes = OutcomesOf(answer.Body!, batch.Length);
            lock (tally)
            {
                for (var i = 0; i < batch.Length; i++) tally.Add(batch[i].Person, outcomes[i]);
                if (TimeProvider.System.GetElapsedTime(lastLine) < LineEvery) return;
                lastLine = TimeProvider.System.GetTimestamp();
                narrator.Progress(tally.ToString());
            }
        });
        narrator.EndProgress();
        return tally;
    }
}

/// <summary>What became of an event: refused with a reason, or taken, perhaps without a field.</summary>
internal sealed record Outcome(string? Refused = null, string? DroppedField = null, string? DroppedReason = null)
{
    public static readonly Outcome Accepted = new();

    public override string ToString() => Refused is not null ? $"refused ({Refused})" : DroppedField is not null ? $"accepted without {DroppedField} ({DroppedReason})" : "accepted";
}

/// <summary>Counts what became of the events.</summary>
internal sealed class ReplayTally(int total)
{
    private const int BarWidth = 20;
    private readonly Dictionary<(Choice Choice, string CustomerId), Dictionary<Outcome, int>> byPerson = [];
    private readonly long started = Stopwatch.GetTimestamp();

    public int Total => total;

    public int Done { get; private set; }

    /// <summary>How often each outcome occurred.</summary>
    public IEnumerable<(Outcome Outcome, int Count)> Outcomes => byPerson.Values.SelectMany(outcomes => outcomes)
        .GroupBy(entry => entry.Key, entry => entry.Value).Select(group => (group.Key, group.Sum())).OrderBy(entry => entry.Key.ToString(), StringComparer.Ordinal);

    public void Add(Person person, Outcome outcome)
    {
        if (!byPerson.TryGetValue((person.Choice, person.CustomerId), out var outcomes)) byPerson[(person.Choice, person.CustomerId)] = outcomes = [];
        outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
        Done++;
    }

    /// <summary>What happened to the events of these people: how many went as expected, and the first thing that was otherwise.</summary>
    /// <param name="people">The people.</param>
    /// <param name="expected">What has to become of each event.</param>
    /// <param name="isRepeat">Events are there from an earlier run: they are accepted as known, and no word is said of fields dropped then.</param>
    public (int Count, Outcome? Otherwise) Compare(IEnumerable<Person> people, Outcome expected, bool isRepeat)
    {
        var count = 0;
        foreach (var person in people)
        {
            if (!byPerson.TryGetValue((person.Choice, person.CustomerId), out var outcomes)) continue;
            foreach (var (outcome, times) in outcomes)
            {
                if (outcome != expected && !(isRepeat && expected.Refused is null && outcome == Outcome.Accepted)) return (count, outcome);
                count += times;
            }
        }

        return (count, null);
    }

    /// <summary>The bar, the rate, and what was not simply accepted.</summary>
    public override string ToString()
    {
        var filled = Done * BarWidth / Math.Max(1, total);
        var rate = Done / Math.Max(0.001, Stopwatch.GetElapsedTime(started).TotalSeconds);
        var counts = Outcomes.Select(entry => $"{Narrator.Number(entry.Count)} {entry.Outcome}");
        return $"[{new string('#', filled)}{new string('.', BarWidth - filled)}] {Narrator.Number(Done)} of {Narrator.Number(total)} · {Narrator.Number((long)rate)}/s · {string.Join(" · ", counts)}";
    }
}
