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

        var model = await customers.SendAsync(Roles.Operator, HttpMethod.Get, "/recommendations/model");
        Bench.Show($"{ratings.Count:N0} ratings by {people.Length} people; {model["items"]} items in the model; {Connections} connections");

        var token = customers.Token(Roles.Product);
        byte[][] recommendations = [.. people.Select(customer => HttpConnection.Request("GET", PathOf(customer), token))];
        byte[][] empty = [HttpConnection.Request("GET", BareEndpoints.Empty, null)];
        byte[][] emptyForProduct = [HttpConnection.Request("GET", BareEndpoints.EmptyForProduct, token)];
        byte[][] reads = [.. people.Select(customer => HttpConnection.Request("GET", $"{BareEndpoints.ReadOne}/{customer}", token))];
        using var load = await HttpLoad.OpenAsync(system.Address, Connections, cancellationToken);
        var second = TimeSpan.FromSeconds(1);
        await Bench.WarmUpAsync(
            WarmUp, () => load.RunAsync(second, empty, null, cancellationToken), () => load.RunAsync(second, emptyForProduct, null, cancellationToken),
            () => load.RunAsync(second, reads, null, cancellationToken), () => load.RunAsync(second, recommendations, IsPersonal, cancellationToken));

        var nothing = new Figure("empty endpoint", "requests/s");
        var checkedOnly = new Figure("empty endpoint that checks the caller's token", "requests/s");
        var readOnly = new Figure("empty endpoint that checks it and reads gate and history", "requests/s");
        var personal = new Figure("personal recommendations", "answers/s");
        await bench.AlternateAsync(
            async () => nothing.Add(await load.RunAsync(Duration, empty, null, cancellationToken)),
            async () => checkedOnly.Add(await load.RunAsync(Duration, emptyForProduct, null, cancellationToken)),
            async () => readOnly.Add(await load.RunAsync(Duration, reads, null, cancellationToken)),
            async () => personal.Add(await load.RunAsync(Duration, recommendations, IsPersonal, cancellationToken)));
        Bench.Show(nothing);
        Bench.Show(checkedOnly, over: nothing);
        Bench.Show(readOnly, over: nothing);
        Bench.Show(personal, over: nothing);
        Console.WriteLine(personal.Over(checkedOnly));
        Console.WriteLine(personal.Over(readOnly));
    }

    private static string PathOf(string customer) => $"/recommendations/{customer}?limit=10";

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
}
