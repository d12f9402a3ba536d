using System.Numerics;
using System.Runtime.InteropServices;
using Personalization.Recommendation.Domain;

namespace Personalization.Cli;

/// <summary>
/// Matrix factorization for implicit feedback, to compare with: alternating least squares with the loss and the regularization by frequency of
/// Rendle, Krichene, Zhang and Koren, "Revisiting the Performance of iALS on Item Recommendation Benchmarks" (RecSys 2022).
/// </summary>
/// <remarks>
/// Loss: sum over likings of (1 - w h)^2, plus alpha times the sum over all pairs of (w h)^2, plus lambda times the sum over users and items of
/// (likings + alpha times the number of the other kind) |w|^2.
/// </remarks>
internal sealed class ImplicitAls
{
    private readonly int dimensions;
    private readonly float alpha;
    private readonly float lambda;
    private readonly float[][] items;
    private readonly float[][] everything;

    public ImplicitAls(EvaluationSplit split, int dimensions, double alpha, double lambda, int epochs)
    {
        (this.dimensions, this.alpha, this.lambda) = (dimensions, (float)alpha, (float)lambda);
        var random = new Random(1);
        var users = Start(split.Training.Length, random);
        items = Start(split.Items.Length, random);
        var holders = new List<int>[split.Items.Length];
        for (var item = 0; item < holders.Length; item++) holders[item] = [];
        for (var user = 0; user < split.Training.Length; user++)
        {
            foreach (var item in split.Training[user]) holders[item].Add(user);
        }

        int[][] columns = [.. holders.Select(row => row.ToArray())];
        for (var epoch = 0; epoch < epochs; epoch++)
        {
            Fit(users, items, split.Training);
            Fit(items, users, columns);
        }

        everything = SumOfSquares(items);
    }

    /// <summary>The items a user would like best, without those of the training.</summary>
    /// <param name="known">Those, oldest first.</param>
    /// <param name="decay">How much less the older ones weigh in the loss.</param>
    public IReadOnlyList<int> Recommend(int[] known, double decay)
    {
        var user = BestFactors(known, decay, items, Array.ConvertAll(everything, row => (float[])row.Clone()));
        var scores = Array.ConvertAll(items, item => Dot(user, item));
        foreach (var item in known) scores[item] = float.NegativeInfinity;
        int[] order = [.. Enumerable.Range(0, scores.Length)];
        Array.Sort(Array.ConvertAll(scores, score => -score), order);
        return order[..Math.Min(EvaluationMetrics.Longest, order.Length - known.Length)];
    }

    private float[][] Start(int count, Random random)
    {
        // Normal by the sum of uniforms is near enough for a start.
        var scale = 0.1 / Math.Sqrt(dimensions);
        return [.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, dimensions)
            .Select(_ => (float)(scale * (Enumerable.Range(0, 12).Sum(_ => random.NextDouble()) - 6))).ToArray())];
    }

    /// <summary>The best factors of one side, with the other's as they are.</summary>
    private void Fit(float[][] side, float[][] other, int[][] likings)
    {
        var sum = SumOfSquares(other);
        Parallel.For(0, side.Length, () => Array.ConvertAll(sum, row => new float[row.Length]), (place, _, matrix) =>
        {
            for (var i = 0; i < dimensions; i++) sum[i].CopyTo(matrix[i], 0);
            side[place] = BestFactors(likings[place], 0, other, matrix);
            return matrix;
        }, _ => { });
    }

    /// <summary>Alpha times the sum over all rows of their squares.</summary>
    private float[][] SumOfSquares(float[][] rows)
    {
        var sum = new float[dimensions][];
        for (var i = 0; i < dimensions; i++) sum[i] = new float[dimensions];
        foreach (var row in rows) AddSquare(sum, row, alpha);
        return sum;
    }

    /// <param name="liked">What is liked, of the other side.</param>
    /// <param name="decay">How much less the first of it weigh than the last.</param>
    /// <param name="other">The other side's factors.</param>
    /// <param name="matrix">Their sum of squares; it is changed.</param>
    private float[] BestFactors(int[] liked, double decay, float[][] other, float[][] matrix)
    {
        var right = new float[dimensions];
        for (var i = 0; i < liked.Length; i++)
        {
            var weight = RecencyDecay.WeightOf(liked.Length - 1 - i, decay);
            AddSquare(matrix, other[liked[i]], weight);
            Add(right, other[liked[i]], weight);
        }

        var regularization = lambda * (liked.Length + (alpha * other.Length));
        for (var i = 0; i < dimensions; i++) matrix[i][i] += regularization;
        return SolvePositiveDefinite(matrix, right);
    }

    private static void AddSquare(float[][] matrix, float[] row, float weight)
    {
        for (var i = 0; i < row.Length; i++) Add(matrix[i].AsSpan(0, i + 1), row.AsSpan(0, i + 1), weight * row[i]);
    }

    private static void Add(Span<float> to, ReadOnlySpan<float> from, float weight)
    {
        var sums = MemoryMarshal.Cast<float, Vector<float>>(to);
        var added = MemoryMarshal.Cast<float, Vector<float>>(from);
        for (var v = 0; v < sums.Length; v++) sums[v] += weight * added[v];
        for (var i = sums.Length * Vector<float>.Count; i < to.Length; i++) to[i] += weight * from[i];
    }

    private static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var left = MemoryMarshal.Cast<float, Vector<float>>(a);
        var right = MemoryMarshal.Cast<float, Vector<float>>(b);
        var sums = Vector<float>.Zero;
        for (var v = 0; v < left.Length; v++) sums += left[v] * right[v];
        var sum = Vector.Sum(sums);
        for (var i = left.Length * Vector<float>.Count; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }

    /// <summary>By Cholesky's decomposition, in the lower triangle.</summary>
    private static float[] SolvePositiveDefinite(float[][] matrix, float[] right)
    {
        for (var i = 0; i < right.Length; i++)
        {
            for (var j = 0; j < i; j++) matrix[i][j] = (matrix[i][j] - Dot(matrix[i].AsSpan(0, j), matrix[j].AsSpan(0, j))) / matrix[j][j];
            matrix[i][i] = MathF.Sqrt(matrix[i][i] - Dot(matrix[i].AsSpan(0, i), matrix[i].AsSpan(0, i)));
        }

        for (var i = 0; i < right.Length; i++) right[i] = (right[i] - Dot(matrix[i].AsSpan(0, i), right.AsSpan(0, i))) / matrix[i][i];
        for (var i = right.Length - 1; i >= 0; i--)
        {
            right[i] /= matrix[i][i];
            Add(right.AsSpan(0, i), matrix[i].AsSpan(0, i), -right[i]);
        }

        return right;
    }
}
