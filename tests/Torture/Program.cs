using System.Globalization;
using Personalization.Platform.Storage;

// Writes units of several documents until it is killed: torture CONNECTION-STRING WRITERS DOCUMENTS-A-UNIT
// A unit's number is printed once its write has returned, so whoever killed this process knows what must be there.
await using IDocumentStore store = DocumentStores.Open(args[0]);
int writers = int.Parse(args[1], CultureInfo.InvariantCulture);
int documents = int.Parse(args[2], CultureInfo.InvariantCulture);
await store.InitializeAsync([new CollectionSchema("units", ["unit"])], CancellationToken.None);

using Stream acknowledged = Console.OpenStandardOutput();
long last = 0;
await Task.WhenAll(Enumerable.Range(0, writers).Select(_ => Task.Run(WriteForEverAsync)));

async Task WriteForEverAsync()
{
    string run = Guid.NewGuid().ToString("N");
    var body = new byte[1000];
    while (true)
    {
        string unit = $"{run}-{Interlocked.Increment(ref last)}";
        var fields = new Dictionary<string, string> { ["unit"] = unit };
        await store.WriteAsync(
            [.. Enumerable.Range(0, documents).Select(i => DocumentWrite.Put(new("units", $"{unit}-{i}"), 0, body, isSealed: true, fields))],
            CancellationToken.None);
        byte[] line = System.Text.Encoding.ASCII.GetBytes(unit + "\n");
        lock (acknowledged)
            acknowledged.Write(line);
    }
}
