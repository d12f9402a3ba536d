using System.Globalization;

namespace Personalization.Recommendation.Domain;

/// <summary>What the served model is and how it was chosen.</summary>
/// <param name="Version">Differs whenever the model does, and between instances.</param>
/// <param name="Algorithm">ease, or item-knn for a catalogue beyond the dense limit.</param>
/// <param name="Lambda">The regularization, with ease.</param>
/// <param name="Discount">The power of an item's popularity that weights for it are divided by, with ease.</param>
/// <param name="Decay">The power of a liking's rank in its person's, from the newest, that its weight is divided by, with ease.</param>
/// <param name="Items">Items in it.</param>
/// <param name="Persons">Persons whose likings it is made of.</param>
/// <param name="Validation">NDCG@10 that all three were chosen by.</param>
/// <param name="PopularValidation">The same of recommending to everybody what most persons like.</param>
/// <param name="ValidationPersons">Persons they were measured on.</param>
/// <param name="Inversions">Matrices inverted for it: one, and those that lambda, discount and decay were chosen with unless they were kept.</param>
public sealed record ModelContent(
    string Version, string Algorithm, double? Lambda, double? Discount, double? Decay, int Items, int Persons, double? Validation, double? PopularValidation, int ValidationPersons, int Inversions);

/// <summary>
/// Who likes what, the Gram matrix G = X'X of it in whole numbers, and the model solved from it that answers are made from. G is a sum over
/// persons, so taking one out leaves exactly what would be there had they never been in it.
/// </summary>
/// <remarks>
/// <para>
/// A solved model never changes and is exchanged for the next one by one reference: an answer sees one state and waits for nothing. A person
/// who loses a liking leaves it at once, with all that it was made from of them; what is added joins with the next <see cref="Solve"/>.
/// </para>
/// <para>
/// An item is in the model while at least <see cref="RecommendationOptions.MinSupport"/> persons like it, so that no number in it is about one
/// person. Nothing of it is kept anywhere: a new instance builds its own from what is stored and permitted.
/// </para>
/// </remarks>
public sealed class ItemModel(RecommendationOptions options)
{
    // Half of the processors at most: answers need the others.
    private static readonly int Threads = (Environment.ProcessorCount + 1) / 2;

    private readonly Lock changing = new();
    private readonly string start = Guid.NewGuid().ToString("N")[..8];

    // Items by number; a number is taken again when nobody likes its item any more.
    private readonly Dictionary<string, int> numbers = [];
    private readonly List<LikedItem> items = [];
    private readonly Stack<int> free = [];

    // What each person likes, as numbers, oldest first. A row is never changed, only replaced.
    private readonly Dictionary<string, int[]> persons = [];
    private GramMatrix gram = new();
    private long changes;

    // How often somebody lost a liking.
    private long losses;
    private Choice? chosen;
    private long solvedChanges = -1;
    private long version;

    private Generation? solving;
    private Generation solved = new();
    private volatile Served served = new("", new EaseModel(new ModelItems([]), [], 0, 0, new SymmetricMatrix(0)), null);

    /// <summary>Whether the last solution lacks something.</summary>
    public bool IsStale
    {
        get
        {
            lock (changing) return changes != solvedChanges;
        }
    }

    /// <summary>The version of <see cref="Content"/>.</summary>
    public string Version => served.Version;

    public ModelContent Content
    {
        get
        {
            var (name, model, choice) = served;
            return new ModelContent(name, model.Algorithm, choice?.Lambda, choice?.Discount, choice?.Decay, model.ItemCount, model.Persons, choice?.Ndcg, choice?.Popular, choice?.Persons ?? 0, choice is null ? 0 : 1 + choice.Tried);
        }
    }

    /// <summary>All that is held of a person, be it for the next solution or in the one that is served.</summary>
    public IReadOnlyCollection<string> LikingsOf(string person)
    {
        lock (changing)
        {
            int[][] rows = [RowOf(person), solved.RowOf(person, RowOf(person)), solving?.RowOf(person, RowOf(person)) ?? []];
            return [.. rows.SelectMany(row => row).Distinct().Select(number => items[number].Id)];
        }
    }

    /// <summary>
    /// Makes these items all that is held of the person; none takes the person out. When it returns, no answer is made from anything else of
    /// theirs, though it may be made from less until the next solution.
    /// </summary>
    /// <param name="person">Whose likings they are.</param>
    /// <param name="likings">What the person likes, oldest first.</param>
    public void Set(string person, IEnumerable<string> likings)
    {
        lock (changing)
        {
            var before = RowOf(person);
            string[] wanted = [.. likings.Distinct()];
            if (before.Select(number => items[number].Id).SequenceEqual(wanted)) return;

            var after = Array.ConvertAll(wanted, NumberOf);
            int[] kept = [.. before.Intersect(after)];
            int[] lost = [.. before.Except(kept)];
            solved.Before(person, before);
            solving?.Before(person, before);
            if (solved.TakeOut(person, after) is { } inServed) Serve(served.Model.Without(IdsOf(inServed), options.MinSupport), served.Choice);
            if (solving?.TakeOut(person, after) is { } inNext) solving.Left.Add([.. IdsOf(inNext)]);

            Count(kept, lost, -1);
            Count(kept, [.. after.Except(kept)], 1);
            foreach (var number in lost.Where(number => items[number].Holders == 0)) Forget(number);
            if (after.Length == 0) persons.Remove(person);
            else persons[person] = after;
            changes++;
            if (lost.Length > 0) losses++;
        }
    }

    /// <summary>
    /// Solves the model anew from what is held now, and serves it. Takes seconds for thousands of items, in which everything else goes on; who
    /// loses a liking meanwhile is taken out of the solution before it is served. One at a time. If it fails or is cancelled, nothing has happened.
    /// </summary>
    public void Solve(CancellationToken cancellationToken)
    {
        Snapshot snapshot;
        Generation next;
        lock (changing)
        {
            if (solving is not null) throw new InvalidOperationException("The model is being solved already.");
            snapshot = TakeSnapshot();
            solving = next = new Generation();
        }

        try
        {
            var (model, choice) = Solution(snapshot, cancellationToken);
            lock (changing)
            {
                if (choice is { Tried: > 0 }) chosen = new Choice(choice with { Tried = 0 }, snapshot.Changes, snapshot.Losses);
                foreach (var likings in next.Left) model = model.Without(likings, options.MinSupport);
                Serve(model, choice);
                (solved, solvedChanges) = (next, snapshot.Changes);
            }
        }
        finally
        {
            lock (changing) solving = null;
        }
    }

    /// <summary>The best items for someone who likes these, without those to leave out; fewer, or none, where nothing speaks for more.</summary>
    /// <param name="likings">What the person likes, each once, oldest first: the older weigh less, by the decay. The same list gives the same scores to the last bit, however the model came to be.</param>
    /// <param name="leaveOut">What isn't to be recommended.</param>
    /// <param name="isShown">Whether an item may be recommended at all. Asked for few of them.</param>
    /// <param name="limit">Items at most.</param>
    public Ranking Recommend(IReadOnlyList<WeightedLiking> likings, IEnumerable<string> leaveOut, Func<string, bool> isShown, int limit)
    {
        var (name, model, choice) = served;
        var placed = model.Place(likings);
        RecencyDecay.Apply(placed, choice?.Decay ?? 0);
        return new Ranking(name, model, placed, model.Best(placed, leaveOut, isShown, limit));
    }

    /// <summary>The items that most persons like, with their number.</summary>
    public (string Version, IReadOnlyList<(string ItemId, int Persons)> Items) Popular(int limit)
    {
        var (name, model, _) = served;
        return (name, model.Popular(limit));
    }

    /// <summary>G without its zeros, by item: the same for the same persons and likings, in whatever order they came and went.</summary>
    public IReadOnlyDictionary<(string, string), int> Gram()
    {
        lock (changing)
        {
            PlaceItems();
            var placed = items.Where(item => item.IsPlaced).ToArray();
            return placed
                .SelectMany(a => placed, (a, b) => (Key: (a.Id, b.Id), Count: gram[a.Place, b.Place]))
                .Where(entry => entry.Count != 0)
                .ToDictionary(entry => entry.Key, entry => entry.Count);
        }
    }

    private int[] RowOf(string person) => persons.GetValueOrDefault(person, []);

    private IEnumerable<string> IdsOf(int[] row) => row.Select(number => items[number].Id);

    private int NumberOf(string itemId)
    {
        if (numbers.TryGetValue(itemId, out var number)) return number;
        if (free.TryPop(out number)) items[number] = new LikedItem(itemId);
        else
        {
            number = items.Count;
            items.Add(new LikedItem(itemId));
        }

        numbers.Add(itemId, number);
        return number;
    }

    /// <summary>Nobody likes it any more, so no row names the number, in a solution neither: whoever lost it has left that one.</summary>
    private void Forget(int number)
    {
        var item = items[number];
        if (item.IsPlaced) gram.Free(item.Place);
        numbers.Remove(item.Id);
        items[number] = LikedItem.Nothing;
        free.Push(number);
    }

    /// <summary>Adds or takes away some of a person's likings, beside others.</summary>
    private void Count(int[] others, int[] changed, int by)
    {
        foreach (var number in changed) items[number].Holders += by;
        gram.Count(PlacesOf(changed), PlacesOf(others), by);
    }

    private int[] PlacesOf(IEnumerable<int> row) => [.. row.Select(number => items[number].Place).Where(place => place != LikedItem.Nowhere)];

    private bool IsSupported(LikedItem item) => item.Holders >= options.MinSupport;

    /// <summary>Lets items into G that enough persons like, and those out that too few like. Beyond the dense limit G holds none.</summary>
    private void PlaceItems()
    {
        if (items.Count(IsSupported) > options.DenseItems)
        {
            foreach (var item in items) item.Place = LikedItem.Nowhere;
            gram = new GramMatrix();
            return;
        }

        foreach (var item in items.Where(item => item.IsPlaced && !IsSupported(item)))
        {
            gram.Free(item.Place);
            item.Place = LikedItem.Nowhere;
        }

        var entering = items.Where(item => !item.IsPlaced && IsSupported(item)).ToHashSet();
        if (entering.Count == 0) return;
        foreach (var item in entering) item.Place = gram.Take();
        foreach (var row in persons.Values)
        {
            var changed = row.Where(number => entering.Contains(items[number])).ToArray();
            if (changed.Length > 0) gram.Count(PlacesOf(changed), PlacesOf(row.Except(changed)), 1);
        }
    }

    private Snapshot TakeSnapshot()
    {
        PlaceItems();
        var supported = new ModelItems(items.Where(IsSupported).Select(item => item.Id));
        var placeOf = new int[items.Count];
        Array.Fill(placeOf, LikedItem.Nowhere);
        var held = Array.ConvertAll(supported.Ids, itemId => items[numbers[itemId]]);
        for (var place = 0; place < held.Length; place++) placeOf[numbers[held[place].Id]] = place;

        // As it lies in memory: in the order of the items it takes forty times as long, and whoever leaves the model waits.
        var copy = held.Length <= options.DenseItems ? gram.Copy() : null;
        return new Snapshot(
            supported, Array.ConvertAll(held, item => item.Holders), copy, Array.ConvertAll(held, item => item.Place), [.. persons], placeOf, changes, losses, KeptSettings());
    }

    /// <summary>
    /// The settings chosen before, unless somebody has lost something since, who must not count in them, or a tenth as much has changed as there
    /// are persons.
    /// </summary>
    private EaseSettings? KeptSettings() =>
        chosen is { } choice && choice.Losses == losses && (changes - choice.Changes) * 10 <= persons.Count ? choice.Settings : null;

    private (SolvedModel Model, EaseSettings? Choice) Solution(Snapshot snapshot, CancellationToken cancellationToken)
    {
        var rows = snapshot.Persons.Select(person => KeyValuePair.Create(
            person.Key, person.Value.Select(number => snapshot.PlaceOf[number]).Where(place => place != LikedItem.Nowhere).ToArray()));
        if (snapshot.Gram?.Of(snapshot.GramPlaces) is not { } matrix)
        {
            int[][] likings = [.. rows.Select(person => person.Value)];
            return (NeighbourModel.Of(
                snapshot.Items, snapshot.Supports, likings, snapshot.Persons.Length, options.Neighbours, options.Shrinkage, Threads, cancellationToken), null);
        }

        var choice = options.Lambda is { } lambda
            ? new EaseSettings(lambda, 0, 0, null, null, 0)
            : snapshot.Settings ?? EaseSettings.By(matrix, rows, Threads, cancellationToken);
        for (var i = 0; i < matrix.Size; i++) matrix[i, i] += choice.Lambda;
        matrix.Invert(Threads, cancellationToken);
        return (new EaseModel(snapshot.Items, snapshot.Supports, snapshot.Persons.Length, choice.Discount, matrix), choice);
    }

    /// <summary>With <see cref="changing"/> held.</summary>
    private void Serve(SolvedModel model, EaseSettings? choice) =>
        served = new Served(string.Create(CultureInfo.InvariantCulture, $"{start}-{++version}"), model, choice);

    private sealed record Served(string Version, SolvedModel Model, EaseSettings? Choice);

    /// <param name="Gram">G; null beyond the dense limit.</param>
    /// <param name="GramPlaces">By an item its place in G.</param>
    /// <param name="PlaceOf">By an item's number its place among the items, or nowhere.</param>
    /// <param name="Settings">Those to keep; null if they are to be chosen.</param>
    private sealed record Snapshot(
        ModelItems Items,
        int[] Supports,
        GramMatrix? Gram,
        int[] GramPlaces,
        KeyValuePair<string, int[]>[] Persons,
        int[] PlaceOf,
        long Changes,
        long Losses,
        EaseSettings? Settings);

    /// <summary>Settings, and of which state they were chosen.</summary>
    private sealed record Choice(EaseSettings Settings, long Changes, long Losses);

    /// <summary>What a solution was made from, as far as it has changed since.</summary>
    private sealed class Generation
    {
        private readonly Dictionary<string, int[]> rows = [];

        /// <summary>Likings of those who are to be taken out of a solution that isn't there yet.</summary>
        public List<string[]> Left { get; } = [];

        /// <summary>A person's row is about to change.</summary>
        public void Before(string person, int[] row) => rows.TryAdd(person, row);

        /// <summary>What the solution was made from of a person, given the current row.</summary>
        public int[] RowOf(string person, int[] current) => rows.GetValueOrDefault(person, current);

        /// <summary>The row to take out, or null if the person's next row holds all of it.</summary>
        public int[]? TakeOut(string person, int[] next)
        {
            var row = rows[person];
            if (!row.Except(next).Any()) return null;
            rows[person] = [];
            return row;
        }
    }

    /// <summary>An item that somebody likes.</summary>
    private sealed class LikedItem(string id)
    {
        public const int Nowhere = -1;

        public static readonly LikedItem Nothing = new("");

        public string Id => id;

        public int Holders { get; set; }

        /// <summary>In G.</summary>
        public int Place { get; set; } = Nowhere;

        public bool IsPlaced => Place != Nowhere;
    }
}
