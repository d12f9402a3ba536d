using System.Numerics;
using System.Runtime.InteropServices;

namespace Personalization.Recommendation.Domain;

/// <summary>
/// EASE^R (Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", WWW 2019): with P = (G + lambda I)^-1 an item's weight for another is
/// B[i,j] = -P[i,j] / P[j,j], and 0 for itself; here also divided by a power of the number of persons who like the item j.
/// </summary>
/// <remarks>
/// Taking a person with the row x out of G changes P by u u' with u = P x / sqrt(1 - x' P x) (Sherman and Morrison); taking an item out of it
/// by -u u' with u = P[i] / sqrt(P[i,i]). Such terms are kept beside P, so forgetting costs the reading of some rows and nobody waits for it.
/// </remarks>
internal sealed class EaseModel : SolvedModel
{
    // Beyond that many they are added up: each costs an answer as much as a liking more.
    private const int MostTerms = 64;

    // In single precision: that is 6e-8 of an element. It is solved in double, as what a solution in single precision adds up to is more than 1e-6.
    private readonly float[][] inverse;

    // In double precision, as each weight is divided by it and each term changes it.
    private readonly double[] diagonal;
    private readonly double discount;
    private readonly double[] scales;

    // What a sum of elements of P is multiplied with.
    private readonly float[] factors;
    private readonly Term[] terms;

    public EaseModel(ModelItems items, int[] supports, int persons, double discount, SymmetricMatrix inverse)
        : this(items, supports, persons, discount, Array.ConvertAll(supports, support => EaseSettings.ScaleOf(support, discount)), inverse.ToRows(), Diagonal(inverse), [])
    {
    }

    private EaseModel(
        ModelItems items, int[] supports, int persons, double discount, double[] scales, float[][] inverse, double[] diagonal, Term[] terms)
        : base(items, supports, persons)
    {
        (this.discount, this.scales, this.inverse, this.diagonal, this.terms) = (discount, scales, inverse, diagonal, terms);
        factors = new float[diagonal.Length];
        for (var j = 0; j < factors.Length; j++) factors[j] = (float)(-scales[j] / diagonal[j]);
    }

    public override string Algorithm => "ease";

    protected override SolvedModel Without(int[] row, int[] left, int[] nextSupports, int nextPersons)
    {
        if (row.Length == 0) return new EaseModel(Items, nextSupports, nextPersons, discount, scales, inverse, diagonal, terms);
        var isFull = terms.Length + 1 + left.Length > MostTerms;
        var nextInverse = isFull ? AddedUp() : inverse;
        double[] nextDiagonal = [.. diagonal];
        double[] nextScales = [.. scales];
        foreach (var place in row) nextScales[place] = EaseSettings.ScaleOf(Math.Max(1, nextSupports[place]), discount);
        List<Term> nextTerms = isFull ? [] : [.. terms];

        Add(row, sum => 1 - sum, 1);
        foreach (var place in left) Add([place], sum => sum, -1);
        return new EaseModel(Items, nextSupports, nextPersons, discount, nextScales, nextInverse, nextDiagonal, [.. nextTerms]);

        void Add(int[] places, Func<double, double> square, int sign)
        {
            var sums = new double[diagonal.Length];
            foreach (var place in places) AddRow(nextInverse[place], 1);
            foreach (var term in nextTerms) AddRow(term.Column, term.Sign * places.Sum(place => (double)term.Column[place]));
            var factor = 1 / Math.Sqrt(square(places.Sum(place => sums[place])));
            var column = Array.ConvertAll(sums, sum => (float)(sum * factor));
            for (var j = 0; j < column.Length; j++) nextDiagonal[j] += sign * (double)column[j] * column[j];
            nextTerms.Add(new Term(sign, column));

            void AddRow(ReadOnlySpan<float> row, double weight)
            {
                for (var j = 0; j < sums.Length; j++) sums[j] += weight * row[j];
            }
        }
    }

    protected override void Score(List<PlacedLiking> likings, Span<float> scores)
    {
        // The small numbers first.
        foreach (var term in terms)
        {
            var weight = 0f;
            foreach (var liking in likings) weight += liking.Weight * term.Column[liking.Place];
            AddTo(scores, term.Column, term.Sign * weight);
        }

        foreach (var liking in likings) AddTo(scores, inverse[liking.Place], liking.Weight);
        for (var j = 0; j < scores.Length; j++) scores[j] *= factors[j];

        // Nothing speaks for itself.
        foreach (var liking in likings) scores[liking.Place] += liking.Weight * (float)scales[liking.Place];
    }

    protected override double Weight(int liking, int item)
    {
        // The rows of the few items explained are in the cache, those of all likings are not.
        double element = inverse[item][liking];
        foreach (var term in terms) element += term.Sign * (double)term.Column[liking] * term.Column[item];
        return element * factors[item];
    }

    private static double[] Diagonal(SymmetricMatrix matrix)
    {
        var diagonal = new double[matrix.Size];
        for (var i = 0; i < diagonal.Length; i++) diagonal[i] = matrix[i, i];
        return diagonal;
    }

    private float[][] AddedUp()
    {
        var next = new float[inverse.Length][];
        for (var i = 0; i < next.Length; i++)
        {
            var row = next[i] = new float[inverse.Length];
            foreach (var term in terms) AddTo(row, term.Column, term.Sign * term.Column[i]);
            AddTo(row, inverse[i], 1);
        }

        return next;
    }

    internal static void AddTo(Span<float> sums, ReadOnlySpan<float> row, float weight)
    {
        var to = MemoryMarshal.Cast<float, Vector<float>>(sums);
        var from = MemoryMarshal.Cast<float, Vector<float>>(row);
        for (var v = 0; v < to.Length; v++) to[v] += weight * from[v];
        for (var j = to.Length * Vector<float>.Count; j < sums.Length; j++) sums[j] += weight * row[j];
    }

    /// <summary>Sign times the column times its transpose.</summary>
    private sealed record Term(int Sign, float[] Column);
}
