using System.Globalization;

namespace Personalization.System.Tests.Torture;

/// <summary>What is left of a customer's data at the end.</summary>
/// <param name="Time">Of an event.</param>
/// <param name="Purposes">What any of it is held for.</param>
internal sealed record HeldEvent(string Customer, DateTimeOffset Time, IReadOnlyList<string> Purposes);

/// <summary>Holds a history, and what there is after it, to what the system promises.</summary>
internal static class Judge
{
    // A request that was given up may be answered yet, by a service that was paused with it or is behind one that was.
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(30);

    /// <summary>What was promised and not kept, a sentence each.</summary>
    public static IReadOnlyList<string> FlawsOf(IReadOnlyList<Operation> history, IReadOnlyList<HeldEvent> held) =>
    [
        .. ServedAfterRevocation(history, Workload.Recommendations, Act.Recommend, (operation, customer) => operation.Customer == customer && operation.Personalized),
        .. ServedAfterRevocation(history, Workload.Groups, Act.ReadAudience, (operation, customer) => operation.Members.Contains(customer)),
        .. Lost(history, held),
        .. Returned(history, held),
    ];

    /// <summary>Why the run shows too little to be believed, a sentence each.</summary>
    /// <param name="history">What happened.</param>
    /// <param name="minutes">How long it went on.</param>
    /// <param name="kinds">Disturbances that there must have been.</param>
    public static IReadOnlyList<string> GapsOf(IReadOnlyList<Operation> history, double minutes, IEnumerable<string> kinds)
    {
        var gaps = new List<string>();
        Least("revocations answered with 200", history.Count(operation => operation is { Act: Act.Revoke, Status: 200 }), 60);
        Least("grants answered with 200", history.Count(operation => operation is { Act: Act.Grant, Status: 200 }), 60);
        Least("events stored", history.Count(operation => operation.Stored is not null), 60);
        Least("personal recommendations", history.Count(operation => operation.Personalized), 60);
        Least("recommendations asked for while none may be personal", WatchedOf(history), 60);
        Least("audiences with somebody in them", history.Count(operation => operation.Members.Count > 0), 6);
        Least("erasures demanded", history.Count(operation => operation is { Act: Act.Erase, Status: 202 }), 3);
        foreach (var kind in kinds.Where(kind => !history.Any(operation => operation.Act == Act.Disturb && operation.Customer.StartsWith(kind, StringComparison.Ordinal))))
            gaps.Add($"There was no disturbance of the kind '{kind}'.");
        return gaps;

        void Least(string what, int count, int aMinute)
        {
            if (count < aMinute * minutes) gaps.Add(string.Create(CultureInfo.InvariantCulture, $"Only {count} {what}; {aMinute} a minute are the least."));
        }
    }

    /// <summary>P1: nothing is made for a purpose in a request that starts after its revocation was answered with 200, until the purpose is granted again.</summary>
    private static IEnumerable<string> ServedAfterRevocation(IReadOnlyList<Operation> history, string purpose, Act serving, Func<Operation, string, bool> isServed)
    {
        var served = history.Where(operation => operation.Act == serving).ToArray();
        foreach (var (customer, from, until) in ClosedOf(history, purpose))
        {
            foreach (var operation in served.Where(operation => operation.Invoked >= from && operation.Returned <= until && isServed(operation, customer)))
                yield return $"{customer} was in {Name(serving)} of {operation.Invoked:HH:mm:ss.fff} although {purpose} was revoked at {from:HH:mm:ss.fff}.";
        }

        static string Name(Act act) => act == Act.Recommend ? "a personal answer" : "an audience";
    }

    /// <summary>
    /// When a purpose is closed for a customer: from a revocation's 200 to the invocation of the next grant, however that ends. A grant that was given up
    /// before the revocation doesn't count: it was decided on what was seen before, so it may not come through later.
    /// </summary>
    private static IEnumerable<(string Customer, DateTimeOffset From, DateTimeOffset Until)> ClosedOf(IReadOnlyList<Operation> history, string purpose)
    {
        foreach (var own in history.Where(operation => operation.Act != Act.Disturb).GroupBy(operation => operation.Customer))
        {
            var grants = own.Where(operation => operation.Act == Act.Grant && operation.Purpose == purpose).Select(operation => operation.Invoked).Order().ToArray();
            foreach (var revocation in own.Where(operation => operation.Act == Act.Revoke && operation.Status == 200 && operation.Ends(purpose)))
                yield return (own.Key, revocation.Returned, grants.Where(invoked => invoked > revocation.Invoked).DefaultIfEmpty(DateTimeOffset.MaxValue).First());
        }
    }

    private static int WatchedOf(IReadOnlyList<Operation> history)
    {
        var served = history.Where(operation => operation is { Act: Act.Recommend, Status: 200 }).ToLookup(operation => operation.Customer);
        return ClosedOf(history, Workload.Recommendations).Sum(closed => served[closed.Customer].Count(operation => operation.Invoked >= closed.From && operation.Returned <= closed.Until));
    }

    /// <summary>An event that was stored under a consent known to be in force is there, unless the purpose was taken away since.</summary>
    private static IEnumerable<string> Lost(IReadOnlyList<Operation> history, IReadOnlyList<HeldEvent> held)
    {
        var there = held.SelectMany(item => item.Purposes, (item, purpose) => (item.Customer, item.Time, purpose)).ToHashSet();
        foreach (var own in history.Where(operation => operation.Act is Act.Grant or Act.Revoke or Act.Erase or Act.Publish).GroupBy(operation => operation.Customer))
        {
            foreach (var purpose in (string[])[Workload.Recommendations, Workload.Groups])
            {
                var (isInForce, doubtfulUntil) = (false, DateTimeOffset.MinValue);
                var kept = new List<DateTimeOffset>();
                foreach (var operation in own.OrderBy(operation => operation.Invoked))
                {
                    if (operation.Ends(purpose))
                    {
                        // What was given up may have effect later, on what is granted by then.
                        if (!operation.IsAcknowledged) doubtfulUntil = operation.Returned + Late;
                        isInForce = false;
                        kept.Clear();
                    }
                    else if (operation.Act == Act.Grant && operation.Purpose == purpose)
                    {
                        isInForce |= operation.Status == 200;
                    }
                    else if (operation.Stored is { } time && isInForce && operation.Invoked > doubtfulUntil)
                    {
                        kept.Add(time);
                    }
                }

                foreach (var time in kept.Where(time => !there.Contains((own.Key, time, purpose))))
                    yield return $"The event of {own.Key} of {time:HH:mm:ss.fff}, stored for {purpose}, is not there.";
            }
        }
    }

    /// <summary>P2, P4: nothing is held for a purpose that was taken away after it happened.</summary>
    private static IEnumerable<string> Returned(IReadOnlyList<Operation> history, IReadOnlyList<HeldEvent> held)
    {
        foreach (var item in held)
        {
            foreach (var purpose in item.Purposes)
            {
                if (history.Any(operation => operation.Customer == item.Customer && operation.Ends(purpose) && operation.IsAcknowledged && operation.Invoked > item.Time))
                    yield return $"The event of {item.Customer} of {item.Time:HH:mm:ss.fff} is held for {purpose}, which was taken away after it.";
            }
        }
    }
}
