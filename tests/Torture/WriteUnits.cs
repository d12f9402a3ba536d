using System.Globalization;
using System.Text;
using Personalization.Platform.Storage;

namespace Personalization.Torture;

/// <summary>
/// Writes units of several documents until it is killed. A unit's number is printed once its write has returned, so whoever killed this
/// process knows what must be there.
/// </summary>
internal static class WriteUnits
{
    public static async Task<int> RunAsync(string connectionString, string writers, string documents)
    {
        await using IDocumentStore store = DocumentStores.Open(connectionString);
        await store.InitializeAsync([new CollectionSchema("units", ["unit"])], CancellationToken.None);
        int count = int.Parse(documents, CultureInfo.InvariantCulture);
        using Stream acknowledged = Console.OpenStandardOutput();
        long last = 0;
        await Task.WhenAll(Enumerable.Range(0, int.Parse(writers, CultureInfo.InvariantCulture)).Select(_ => Task.Run(WriteForEverAsync)));
        return 0;

        async Task WriteForEverAsync()
        {
            string run = Guid.NewGuid().ToString("N");
            var body = new byte[1000];
            while (true)
            {
                string unit = $"{run}-{Interlocked.Increment(ref last)}";
                var fields = new Dictionary<string, string> { ["unit"] = unit };
                await store.WriteAsync(
                    [.. Enumerable.Range(0, count).Select(i => DocumentWrite.Put(new("units", $"{unit}-{i}"), 0, body, isSealed: true, fields))],
                    CancellationToken.None);
                byte[] line = Encoding.ASCII.GetBytes(unit + "\n");
                lock (acknowledged)
                    acknowledged.Write(line);
            }
        }
    }
}
