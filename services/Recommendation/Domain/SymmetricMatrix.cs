using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Personalization.Recommendation.Domain;

/// <summary>A symmetric matrix in single precision. Both triangles are kept, so that a row is also the column.</summary>
/// <remarks>
/// It is inverted by a sweep over blocks of pivots: with C the columns of a block and D the inverse of its pivots, all other elements become
/// A - C D C', the columns C D, the pivots -D; after the last block the matrix is -1 times the inverse of what it was. Only the lower triangle
/// is worked on, in tiles that depend on nothing of each other and sum in one order, so the bits are the same on any number of threads.
/// </remarks>
public sealed class SymmetricMatrix
{
    /// <summary>The largest size: an array can't have more elements.</summary>
    public const int LargestSize = 46_000;

    // The kernel holds four rows of a group in registers. Rows are padded to whole groups.
    private const int Group = 16;
    private const int KernelRows = 4;
    private const int Block = 256;

    private readonly int stride;
    private readonly float[] elements;

    public SymmetricMatrix(int size)
    {
        Size = size;
        stride = (size + Group - 1) / Group * Group;
        elements = new float[stride * stride];
        for (var i = size; i < stride; i++) elements[(i * stride) + i] = 1;
    }

    private SymmetricMatrix(SymmetricMatrix other) => (Size, stride, elements) = (other.Size, other.stride, [.. other.elements]);

    public int Size { get; }

    /// <summary>A row, and a column.</summary>
    public Span<float> this[int row] => elements.AsSpan(row * stride, Size);

    public SymmetricMatrix Copy() => new(this);

    /// <summary>Puts the inverse of the matrix, whose lower triangle counts, in its place. Afterwards or interrupted, the matrix that was is lost.</summary>
    /// <exception cref="InvalidOperationException">It is not positive definite.</exception>
    public void Invert(int threads, CancellationToken cancellationToken)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken };
        var (groups, tiles) = (stride / Group, (stride + Block - 1) / Block);
        var (columns, products) = (new float[Block * stride], new float[Block * stride]);
        var pivots = new double[Block * Block];
        var inverse = new float[Block * Block];
        for (var tile = 0; tile < tiles; tile++)
        {
            var (from, count) = (tile * Block, Math.Min(Block, stride - (tile * Block)));
            SweepPivots(from, count, pivots, inverse);
            Parallel.For(0, groups, parallel, group =>
            {
                if (IsIn(group, from, count)) return;
                ReadColumns(group, from, count, columns);
                Multiply(group, count, inverse, columns, products);
                WriteColumns(group, from, count, products);
            });
            Parallel.For(0, tiles * (tiles + 1) / 2, parallel, pair =>
            {
                var (row, column) = PairOf(pair);
                if (row != tile && column != tile) Update(row, column, count, products, columns);
            });
        }

        Parallel.For(0, tiles * (tiles + 1) / 2, parallel, pair => NegateAndMirror(PairOf(pair)));
    }

    private static bool IsIn(int group, int from, int count) => group * Group >= from && group * Group < from + count;

    private static (int Row, int Column) PairOf(int pair)
    {
        var row = (int)((Math.Sqrt((8.0 * pair) + 1) - 1) / 2);
        return (row, pair - (row * (row + 1) / 2));
    }

    /// <summary>Sweeps the pivots among themselves in double precision. What comes out, also into the matrix, is -1 times their inverse.</summary>
    private void SweepPivots(int from, int count, double[] pivots, float[] inverse)
    {
        for (var i = 0; i < count; i++)
        {
            for (var j = 0; j <= i; j++) pivots[(i * Block) + j] = elements[((from + i) * stride) + from + j];
        }

        var column = new double[count];
        for (var k = 0; k < count; k++)
        {
            var pivot = pivots[(k * Block) + k];
            if (!(pivot > 0)) throw new InvalidOperationException("The matrix is not positive definite.");
            for (var j = 0; j < count; j++) column[j] = j <= k ? pivots[(k * Block) + j] : pivots[(j * Block) + k];
            for (var i = 0; i < count; i++)
            {
                var factor = column[i] / pivot;
                if (i != k) Subtract(pivots.AsSpan(i * Block, i + 1), factor, column);
                if (i > k) pivots[(i * Block) + k] = factor;
                else if (i < k) pivots[(k * Block) + i] = factor;
            }

            pivots[(k * Block) + k] = -1 / pivot;
        }

        for (var i = 0; i < count; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var value = (float)pivots[(i * Block) + j];
                inverse[(i * Block) + j] = inverse[(j * Block) + i] = elements[((from + i) * stride) + from + j] = value;
            }
        }
    }

    private static void Subtract(Span<double> row, double factor, ReadOnlySpan<double> column)
    {
        var rows = MemoryMarshal.Cast<double, Vector<double>>(row);
        var columns = MemoryMarshal.Cast<double, Vector<double>>(column[..row.Length]);
        for (var v = 0; v < rows.Length; v++) rows[v] -= factor * columns[v];
        for (var j = rows.Length * Vector<double>.Count; j < row.Length; j++) row[j] -= factor * column[j];
    }

    /// <summary>The block's columns of a group of rows, one column after the other.</summary>
    private void ReadColumns(int group, int from, int count, float[] columns)
    {
        var first = group * Group;
        for (var k = 0; k < count; k++)
        {
            var column = columns.AsSpan(((group * Block) + k) * Group, Group);
            if (first < from) elements.AsSpan(((from + k) * stride) + first, Group).CopyTo(column);
            else for (var i = 0; i < Group; i++) column[i] = elements[((first + i) * stride) + from + k];
        }
    }

    /// <summary>Multiplies them with -D.</summary>
    private static void Multiply(int group, int count, float[] inverse, float[] columns, float[] products)
    {
        products.AsSpan(group * Block * Group, count * Group).Clear();
        for (var k = 0; k < count; k += KernelRows)
        {
            AddProduct(
                ref inverse[k], Block, ref columns[group * Block * Group], count, ref products[((group * Block) + k) * Group], Group);
        }
    }

    private void WriteColumns(int group, int from, int count, float[] products)
    {
        var first = group * Group;
        for (var k = 0; k < count; k++)
        {
            var column = products.AsSpan(((group * Block) + k) * Group, Group);
            for (var i = 0; i < Group; i++)
            {
                if (first < from) elements[((from + k) * stride) + first + i] = -column[i];
                else elements[((first + i) * stride) + from + k] = -column[i];
            }
        }
    }

    private void Update(int row, int column, int count, float[] products, float[] columns)
    {
        var (lastRow, lastColumn) = (Math.Min((row + 1) * Block, stride), Math.Min((column + 1) * Block, stride));
        for (var j = column * Block; j < lastColumn; j += Group)
        {
            for (var i = Math.Max(row * Block, j); i < lastRow; i += KernelRows)
            {
                AddProduct(
                    ref products[(i / Group * Block * Group) + (i % Group)], Group, ref columns[j * Block], count, ref elements[(i * stride) + j], stride);
            }
        }
    }

    /// <summary>Adds to four rows of a group the sum over the depth of a number of each row times the same sixteen numbers.</summary>
    private static void AddProduct(ref float left, int leftStride, ref float right, int depth, ref float target, int targetStride)
    {
        Vector256<float> a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default, d0 = default, d1 = default;
        for (var k = 0; k < depth; k++)
        {
            var (low, high) = (Vector256.LoadUnsafe(ref right), Vector256.LoadUnsafe(ref right, 8));
            var a = Vector256.Create(left);
            a0 = Vector256.FusedMultiplyAdd(a, low, a0);
            a1 = Vector256.FusedMultiplyAdd(a, high, a1);
            var b = Vector256.Create(Unsafe.Add(ref left, 1));
            b0 = Vector256.FusedMultiplyAdd(b, low, b0);
            b1 = Vector256.FusedMultiplyAdd(b, high, b1);
            var c = Vector256.Create(Unsafe.Add(ref left, 2));
            c0 = Vector256.FusedMultiplyAdd(c, low, c0);
            c1 = Vector256.FusedMultiplyAdd(c, high, c1);
            var d = Vector256.Create(Unsafe.Add(ref left, 3));
            d0 = Vector256.FusedMultiplyAdd(d, low, d0);
            d1 = Vector256.FusedMultiplyAdd(d, high, d1);
            left = ref Unsafe.Add(ref left, leftStride);
            right = ref Unsafe.Add(ref right, Group);
        }

        Add(ref target, a0, a1);
        Add(ref Unsafe.Add(ref target, targetStride), b0, b1);
        Add(ref Unsafe.Add(ref target, 2 * targetStride), c0, c1);
        Add(ref Unsafe.Add(ref target, 3 * targetStride), d0, d1);

        static void Add(ref float row, Vector256<float> low, Vector256<float> high)
        {
            (Vector256.LoadUnsafe(ref row) + low).StoreUnsafe(ref row);
            (Vector256.LoadUnsafe(ref row, 8) + high).StoreUnsafe(ref row, 8);
        }
    }

    private void NegateAndMirror((int Row, int Column) tile)
    {
        // By groups, so that what is written across the rows stays in the cache.
        var (lastRow, lastColumn) = (Math.Min((tile.Row + 1) * Block, stride), Math.Min((tile.Column + 1) * Block, stride));
        for (var top = tile.Row * Block; top < lastRow; top += Group)
        {
            for (var left = tile.Column * Block; left < lastColumn && left <= top; left += Group)
            {
                for (var i = top; i < top + Group; i++)
                {
                    for (var j = left; j < left + Group && j <= i; j++) elements[(j * stride) + i] = elements[(i * stride) + j] = -elements[(i * stride) + j];
                }
            }
        }
    }
}
