using System.Globalization;
using System.IO.Compression;
using Personalization.Benchmarks.Harness;
using Personalization.Benchmarks.Systems;
using Personalization.Platform.Http;
using Personalization.Testing;

namespace Personalization.Benchmarks.Measurements;

/// <summary>Personal recommendations from the sample's ratings, in turn with an empty endpoint of the same host.</summary>
internal sealed class Recommend : IMeasurement
{
    private const int People = 150;
    private const int Connections = 16;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(4);

    public string Name => "recommend";

    public string What => "recommendations/s of the one-process server, and requests/s of an empty endpoint in it";

    public async Task RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        await using var system = await Deployment.InOneProcessAsync(new BareEndpoints(() => null));
        var customers = system.Customers;
        var ratings = Ratings();
        string[] people = [.. ratings.Select(rating => rating.Customer).Distinct()];
        await customers.GrantAsync(people, cancellationToken);
        await customers.PublishAsync(ratings.Select((rating, i) => Customers.Event(rating.Customer, $"r-{i}", rating.Film, rating.Value)), cancellationToken);
        await system.SettleAsync(cancellationToken);
        foreach (var customer in people)
        {
            await Eventually.Is(
                "recommendations are personal", () => customers.SendAsync(Roles.Product, HttpMethod.Get, PathOf(customer)),
                answer => answer["personalized"]!.GetValue<bool>(), TimeSpan.FromSeconds(60));
        }

        var model = await Eventually.Is(
            "everybody is in the model", () => customers.SendAsync(Roles.Operator, HttpMethod.Get, "/recommendations/model"),
            model => model["persons"]!.GetValue<int>() == people.Length, TimeSpan.FromSeconds(60));
        Bench.Show($"{ratings.Count:N0} ratings by {people.Length} people; {model["items"]} items in the model; {Connections} connections");

        var token = customers.Token(Roles.Product);
        byte[][] recommendations = [.. people.Select(customer => HttpConnection.Request("GET", PathOf(customer), token))];
        byte[][] first = [.. people.Select(customer => HttpConnection.Request("GET", $"{BareEndpoints.First}/{customer}", token))];

        // More limits than lists are kept of a person, so each is made anew from a history that is open.
        byte[][] others = [.. Enumerable.Range(5, 11).SelectMany(limit => people.Select(customer => HttpConnection.Request("GET", PathOf(customer, limit), token)))];
        byte[][] unknown = [HttpConnection.Request("GET", PathOf("nobody-known"), token)];
        byte[][] empty = [HttpConnection.Request("GET", BareEndpoints.Empty, null)];
        byte[][] emptyForProduct = [HttpConnection.Request("GET", BareEndpoints.EmptyForProduct, token)];
        using var load = await HttpLoad.OpenAsync(system.Address, Connections, cancellationToken);
        var second = TimeSpan.FromSeconds(1);
        await Bench.WarmUpAsync(
            WarmUp, () => load.RunAsync(second, empty, null, cancellationToken), () => load.RunAsync(second, emptyForProduct, null, cancellationToken),
            () => load.RunAsync(second, first, IsPersonal, cancellationToken),
            () => load.RunAsync(second, others, IsPersonal, cancellationToken), () => load.RunAsync(second, recommendations, IsPersonal, cancellationToken));

        var nothing = new Side("empty endpoint", empty, null);
        var checkedOnly = new Side("empty endpoint that checks the caller's token", emptyForProduct, null);
        var everybody = new Side("recommendations to somebody unknown", unknown, null);
        var anew = new Side("personal recommendations, the first to each person", first, IsPersonal);
        var another = new Side("personal recommendations, another list of a person's", others, IsPersonal);
        var personal = new Side("personal recommendations, asked for again", recommendations, IsPersonal);
        Side[] sides = [nothing, checkedOnly, everybody, anew, another, personal];
        await bench.AlternateAsync([.. sides.Select(side => (Func<Task>)(() => side.RunAsync(load, cancellationToken)))]);
        Bench.Show(nothing.Rate);
        Bench.Show(checkedOnly.Rate, over: nothing.Rate);
        Bench.Show(everybody.Rate, over: nothing.Rate);
        Bench.Show(anew.Rate, over: nothing.Rate);
        Bench.Show(another.Rate, over: nothing.Rate);
        Bench.Show(personal.Rate, over: nothing.Rate);
        Console.WriteLine(personal.Rate.Over(checkedOnly.Rate));
        foreach (var side in new[] { nothing, anew, another, personal })
        {
            Bench.Show(side.Median);
            Bench.Show(side.Slow);
        }

        // Says more than the rate where others use the processors too.
        foreach (var side in sides) Bench.Show(side.Cost);
    }

    private static string PathOf(string customer, int limit = 10) => string.Create(CultureInfo.InvariantCulture, $"/recommendations/{customer}?limit={limit}");

    private static bool IsPersonal(ReadOnlyMemory<byte> body) => body.Span.IndexOf("\"personalized\":true"u8) >= 0;

    /// <summary>The ratings of the sample's first people. Titles hold commas, so the numbers are taken from the end.</summary>
    private static List<(string Customer, int Film, double Value)> Ratings()
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(Path.Combine(AppContext.BaseDirectory, "movielens-small.csv.gz")), CompressionMode.Decompress));
        var ratings = new List<(string, int, double)>();
        reader.ReadLine();
        while (reader.ReadLine() is { } line)
        {
            var fields = line.Split(',');
            if (int.Parse(fields[^3], CultureInfo.InvariantCulture) <= People)
                ratings.Add(($"u-{fields[^3]}", int.Parse(fields[0], CultureInfo.InvariantCulture), double.Parse(fields[^2], CultureInfo.InvariantCulture)));
        }

        return ratings;
    }

    /// <summary>Requests of one kind, and what they take.</summary>
    private sealed class Side(string name, byte[][] requests, Func<ReadOnlyMemory<byte>, bool>? isRight)
    {
        public Figure Rate { get; } = new(name, "answers/s");

        public Figure Median { get; } = new($"{name}, p50", "ms");

        public Figure Slow { get; } = new($"{name}, p99", "ms");

        /// <summary>Of the whole process, the client in it included.</summary>
        public Figure Cost { get; } = new($"processor time: {name}", "µs");

        public async Task RunAsync(HttpLoad load, CancellationToken cancellationToken)
        {
            var before = Environment.CpuUsage.TotalTime;
            var (rate, milliseconds) = await load.RunAsync(Duration, requests, isRight, cancellationToken);
            Rate.Add(rate);
            Median.Add(Figure.Percentile(milliseconds, 50));
            Slow.Add(Figure.Percentile(milliseconds, 99));
            Cost.Add((Environment.CpuUsage.TotalTime - before).TotalMicroseconds / (rate * Duration.TotalSeconds));
        }
    }
}
