namespace Personalization.Recommendation.Domain;

/// <summary>How many persons like both of two items, in whole numbers. The lower triangle: a row grows with its place.</summary>
internal sealed class GramMatrix
{
    private readonly List<int[]> rows;
    private readonly Stack<int> free;

    public GramMatrix()
        : this([], [])
    {
    }

    private GramMatrix(List<int[]> rows, Stack<int> free) => (this.rows, this.free) = (rows, free);

    /// <summary>Places taken.</summary>
    public int Items => rows.Count - free.Count;

    public int this[int a, int b] => a < b ? rows[b][a] : rows[a][b];

    public GramMatrix Copy() => new(rows.ConvertAll(row => (int[])row.Clone()), new Stack<int>(free.Reverse()));

    /// <summary>The numbers of some places, in their order.</summary>
    public SymmetricMatrix Of(int[] places)
    {
        var orderOf = new int[rows.Count];
        Array.Fill(orderOf, -1);
        for (var i = 0; i < places.Length; i++) orderOf[places[i]] = i;

        // In the order of the rows here, which memory is read fastest in.
        var matrix = new SymmetricMatrix(places.Length);
        for (var a = 0; a < rows.Count; a++)
        {
            if (orderOf[a] < 0) continue;
            for (var b = 0; b <= a; b++)
            {
                if (orderOf[b] >= 0) matrix[orderOf[a], orderOf[b]] = rows[a][b];
            }
        }

        return matrix;
    }

    /// <summary>A place whose numbers are all zero.</summary>
    public int Take()
    {
        if (free.TryPop(out var place)) return place;
        rows.Add(new int[rows.Count + 1]);
        return rows.Count - 1;
    }

    public void Free(int place)
    {
        Array.Clear(rows[place]);
        for (var below = place + 1; below < rows.Count; below++) rows[below][place] = 0;
        free.Push(place);
    }

    /// <summary>Counts the pairs within some places, and of each of them with others.</summary>
    public void Count(ReadOnlySpan<int> places, ReadOnlySpan<int> others, int by)
    {
        for (var i = 0; i < places.Length; i++)
        {
            foreach (var other in others) Pair(places[i], other) += by;
            for (var j = 0; j <= i; j++) Pair(places[i], places[j]) += by;
        }
    }

    private ref int Pair(int a, int b) => ref a < b ? ref rows[b][a] : ref rows[a][b];
}
